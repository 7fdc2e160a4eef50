import { describe, expect, it } from 'vitest'
import {
  type Dataset,
  type MethodInfo,
  type ModelCard,
  runSettingsSchema,
  runSpecSchema,
} from '../../../../preload/contract'
import {
  findObstacle,
  firstDraft,
  sampleSpec,
  stepsOf,
  suggestRate,
  suggestSteps,
  toRunSpec,
} from '../../../../renderer/lib/setup/draft'

const method: MethodInfo = {
  id: 'lora',
  name: 'LoRA',
  summary: '',
  papers: [],
  parameters: [],
  trainableFormula: '',
  mergeable: true,
  exports: ['peft'],
  learningRate: { default: 1e-3, low: 1e-4, high: 5e-3 },
}
const dataset: Dataset = {
  id: 'mine',
  name: 'mine.jsonl',
  sourceFile: 'mine.jsonl',
  sourceFormat: 'jsonl',
  bytes: 10,
  fingerprint: '',
  importedAt: '',
  form: 'openai',
  columns: [],
  rows: 400,
  problems: 0,
}
const card: ModelCard = {
  ref: { kind: 'starter' },
  name: 'Starter',
  family: 'llama',
  parameters: 1,
  layers: 1,
  hiddenSize: 1,
  contextLength: 512,
  bytes: 1,
  hasChatTemplate: true,
}

describe('the sample run', () => {
  it('is one that the service takes, with the values that are known to work', () => {
    const method = { id: 'lora', parameters: { r: 4 } }
    const settings = runSettingsSchema.parse({ method, training: { steps: 60, learningRate: 2e-3 } })
    const spec = runSpecSchema.parse(sampleSpec(dataset, { settings }))
    expect(spec.method).toEqual(method)
    expect(spec.training).toMatchObject({ steps: 60, learningRate: 2e-3 })
    expect(spec.dataset.id).toBe(dataset.id)
  })
})

describe('a first draft', () => {
  const draft = firstDraft(dataset, method)
  it('can be started as it is', () => {
    const spec = runSpecSchema.parse(toRunSpec(draft, dataset.id))
    expect(spec).toMatchObject({ name: 'mine.jsonl', dataset: { id: 'mine' }, model: { kind: 'starter' } })
    expect(spec.training).toMatchObject({ steps: 100, learningRate: 2e-3 })
  })
  it('says how long in steps or in epochs, never both', () => {
    const spec = toRunSpec({ ...draft, length: 'epochs' }, dataset.id)
    expect(spec.training).toMatchObject({ epochs: 2 })
    expect(spec.training).not.toHaveProperty('steps')
    expect(stepsOf(draft, 400)).toBe(100)
    expect(stepsOf({ ...draft, length: 'epochs' }, 400)).toBe(90)
  })
  it('asks for enough steps for a small file and not too many for a large one', () => {
    expect([suggestSteps(5, 8), suggestSteps(400, 8), suggestSteps(100_000, 8)]).toEqual([60, 100, 300])
  })
  it('takes larger steps on the starter than on larger models', () => {
    expect(suggestRate(method, { kind: 'starter' })).toBe(2e-3)
    expect(suggestRate(method, { kind: 'folder', path: '/m' })).toBe(1e-3)
  })
})

describe('what is in the way', () => {
  it('is said one thing at a time, the data first', () => {
    expect(findObstacle({ ...dataset, form: 'unknown' }, undefined)).toBe('unmapped')
    expect(findObstacle({ ...dataset, rows: 0 }, card)).toBe('no-rows')
    expect(findObstacle(dataset, undefined)).toBe('model-unknown')
    expect(findObstacle(dataset, { ...card, broken: { code: 'x', message: 'y' } })).toBe('model-broken')
    expect(findObstacle(dataset, card)).toBeUndefined()
  })
})
