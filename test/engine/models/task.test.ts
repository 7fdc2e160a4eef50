import { describe, expect, it } from 'vitest'
import { defineModel } from '../../../main/engine/models'
import type { Task } from '../../../main/engine/nn'
import { checkWeights, loadBaseWeights, type Executor } from '../../../main/engine/plan'
import { openGolden } from '../methods/small-session'
import { tinyConfig } from './tiny-llama'

const classify: Task = { kind: 'sequence-classification', labels: ['bad', 'good', 'odd'] }
const namesOf = (json: Record<string, unknown>, task?: Task): string[] =>
  defineModel(json, task).weights.map(({ name }) => name)

describe('a model for classification', () => {
  it('has a score for each class in place of the vocabulary’s table', () => {
    const { weights, outputs, task } = defineModel(tinyConfig, classify)
    expect(task).toBe(classify)
    expect(outputs).toBe(3)
    expect(weights.at(-1)).toEqual({ name: 'score.weight', shape: [3, 8], optional: true })
    expect(namesOf(tinyConfig)).toContain('lm_head.weight')
    expect(namesOf(tinyConfig, classify)).not.toContain('lm_head.weight')
  })

  it('keeps the embedding where it was the vocabulary’s table as well', () => {
    expect(namesOf({ ...tinyConfig, tie_word_embeddings: true }, classify)).toContain('model.embed_tokens.weight')
  })

  it.each([
    ['llama', 'LlamaForCausalLM', 'LlamaForSequenceClassification'],
    ['mistral', 'MistralForCausalLM', 'MistralForSequenceClassification'],
  ])('is loaded as another class of %s', (type, generating, classifying) => {
    const json = { ...tinyConfig, model_type: type }
    expect(defineModel(json).transformersClass).toBe(generating)
    expect(defineModel(json, classify).transformersClass).toBe(classifying)
  })
})

describe('what a config.json is for', () => {
  const read = (change: Record<string, unknown>): Task => defineModel({ ...tinyConfig, ...change }).task
  const architectures = ['LlamaForSequenceClassification']

  it('is text, unless a classifier was saved', () => {
    expect(read({})).toEqual({ kind: 'causal-lm' })
    expect(read({ architectures: ['LlamaForCausalLM'], id2label: { 0: 'a', 1: 'b' } })).toEqual({ kind: 'causal-lm' })
  })

  it('names the classes in the order of their numbers', () => {
    const id2label = { 10: 'k', ...Object.fromEntries([...'abcdefghij'].map((label, i) => [i, label])) }
    expect(read({ architectures, id2label })).toMatchObject({ labels: [...'abcdefghijk'] })
  })

  it('numbers classes without names, two where their number is not said either', () => {
    expect(read({ architectures, num_labels: 3 })).toMatchObject({ labels: ['LABEL_0', 'LABEL_1', 'LABEL_2'] })
    expect(read({ architectures })).toMatchObject({ labels: ['LABEL_0', 'LABEL_1'] })
  })

  it.each([
    ['id2label', { 0: 'a', 2: 'c' }],
    ['id2label', { 0: 'a', 1: 5 }],
    ['id2label', ['a', 'b']],
    ['num_labels', 0],
  ])('is refused by name for %s %j', (field, value) => {
    expect(() => read({ architectures, [field]: value })).toThrow(
      expect.objectContaining({ code: 'config-invalid', details: { field } }),
    )
  })
})

describe('a score in the checkpoint', () => {
  const loaded = async (labels: readonly string[]): Promise<string[]> => {
    const { json, checkpoint } = await openGolden('llama-cls')
    const names: string[] = []
    const executor = { upload: async (name: string) => void names.push(name) } as unknown as Executor
    const model = defineModel(json, { kind: 'sequence-classification', labels })
    checkWeights(model, checkpoint)
    await loadBaseWeights(executor, model, checkpoint, 8)
    return names
  }

  it('is loaded where it is one for as many classes', async () => {
    expect(await loaded([...'abcde'])).toContain('score.weight')
    expect(await loaded([...'abc'])).not.toContain('score.weight')
  })

  it('is not asked for: any model can be trained to classify', async () => {
    const { json, checkpoint } = await openGolden('llama')
    expect(() => checkWeights(defineModel(json, classify), checkpoint)).not.toThrow()
    const { json: classifier, checkpoint: weights } = await openGolden('llama-cls')
    expect(() => checkWeights(defineModel(classifier, { kind: 'causal-lm' }), weights)).toThrow(/lm_head\.weight/)
  })
})
