import { describe, expect, it } from 'vitest'
import {
  type Dataset,
  type ModelCard,
  runSettingsSchema,
  runSpecSchema,
  type Validation,
} from '../../../../preload/contract'
import {
  applyRemedy,
  findObstacle,
  firstDraft,
  sampleSpec,
  suggestRate,
  suggestSteps,
  toRunSpec,
} from '../../../../renderer/lib/setup/draft'
import { plainMethod } from '../../../helpers/methods/plain-method'

const method = plainMethod('LoRA', { exports: ['peft'], mergeable: true })
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
  format: 'folder',
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
  })
  it('begins with the model that was chosen before there was a dataset', () => {
    const model = { kind: 'folder', path: '/m.gguf' } as const
    expect(firstDraft(dataset, method, model)).toMatchObject({ model, training: { learningRate: 1e-3 } })
  })
  it('asks for enough steps for a small file and not too many for a large one', () => {
    expect([suggestSteps(5, 8), suggestSteps(400, 8), suggestSteps(100_000, 8)]).toEqual([60, 100, 300])
  })
  it('takes larger steps on the starter than on larger models', () => {
    expect(suggestRate(method, { kind: 'starter' })).toBe(2e-3)
    expect(suggestRate(method, { kind: 'folder', path: '/m' })).toBe(1e-3)
  })
})

describe('a remedy', () => {
  it('of a smaller batch still learns from as many rows in a step', () => {
    const training = { steps: 1, epochs: 1, batchSize: 8, accumulation: 2 }
    expect(applyRemedy(training, { setting: 'batchSize', value: 5 })).toEqual({ batchSize: 5, accumulation: 4 })
    expect(applyRemedy(training, { setting: 'maxLength', value: 64 })).toEqual({ maxLength: 64 })
  })
})

describe('what is in the way', () => {
  const draft = firstDraft(dataset, method)
  const state = { dataset, card, draft, faulty: false }
  const holding = (validation: Validation) => ({ ...draft, training: { ...draft.training, validation } })

  it('is said one thing at a time, the data first', () => {
    expect(findObstacle({ ...state, card: undefined, dataset: { ...dataset, form: 'unknown' } })).toBe('unmapped')
    expect(findObstacle({ ...state, dataset: { ...dataset, rows: 0 } })).toBe('no-rows')
    expect(findObstacle({ ...state, card: undefined })).toBe('model-unknown')
    const broken = { code: 'x', message: 'y' }
    expect(findObstacle({ ...state, card: { ...card, broken }, faulty: true })).toBe('model-broken')
    expect(findObstacle({ ...state, faulty: true })).toBe('setting-wrong')
    expect(findObstacle(state)).toBeUndefined()
  })

  it('is that nobody has said yet which rows are held out', () => {
    const obstacleWith = (validation: Validation) => findObstacle({ ...state, draft: holding(validation) })
    expect(obstacleWith({ kind: 'column', column: '', value: '' })).toBe('held-out-missing')
    expect(obstacleWith({ kind: 'dataset', id: '' })).toBe('held-out-missing')
    expect(obstacleWith({ kind: 'column', column: 'split', value: '' })).toBeUndefined()
    expect(obstacleWith({ kind: 'dataset', id: 'held' })).toBeUndefined()
  })
})
