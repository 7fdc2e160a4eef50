import { describe, expect, it } from 'vitest'
import { findMethod, methodFromAdapter, methods, peftConfig } from '../../../main/engine/methods'
import { defineModel } from '../../../main/engine/models'
import { createRng } from '../../../main/engine/rng'
import { elementCount } from '../../../main/engine/tensor'
import { tinyConfig } from '../models/tiny-llama'
import { noContext } from '../no-context'
import { goldenFolder, readJson } from './small-session'

const task = { kind: 'sequence-classification' as const, labels: ['a', 'b', 'c'] }
const model = defineModel(tinyConfig, task)
const ids = methods.map(({ info }) => info.id)

describe.each(ids)('%s on a classifier', (id) => {
  const method = findMethod(id)
  const applied = method.apply(model, {})
  const heads = applied.trainable.filter(({ name }) => name === 'score.weight')

  it('trains the head beside its own tensors, as the declaration counts', () => {
    expect(heads).toMatchObject([{ shape: [3, 8], decay: true }])
    const elements = applied.trainable.reduce((sum, { shape }) => sum + elementCount(shape), 0)
    expect(method.countTrainable(model, {})).toBe(elements)
    expect(method.info.tasks).toContain('sequence-classification')
  })

  it('trains no head of a model that writes text', () => {
    const names = method.apply(defineModel(tinyConfig), {}).trainable.map(({ name }) => name)
    expect(names).not.toContain('score.weight')
  })
})

describe('the first values of a head', () => {
  const [head] = findMethod('lora').apply(model, {}).trainable.slice(-1)
  const make = head?.initial as Exclude<NonNullable<typeof head>['initial'], 'checkpoint'>

  it('are the checkpoint’s, where it has one for these classes', async () => {
    const own = new Float32Array(24).fill(5)
    const context = { ...noContext, brings: () => true, read: async () => own }
    expect(await make(createRng(1), context)).toBe(own)
  })

  it('are small random ones otherwise, the same for the same seed', async () => {
    const values = await make(createRng(1), noContext)
    expect(values).toEqual(await make(createRng(1), noContext))
    expect(Math.sqrt(values.reduce((sum, v) => sum + v * v, 0) / values.length)).toBeCloseTo(0.02, 2)
  })
})

describe('a LoRA adapter of a classifier', () => {
  const { adapter } = findMethod('lora').apply(model, { r: 2 })

  it('is stored as PEFT stores it: the head whole, under its module’s name', async () => {
    const theirs = await readJson(goldenFolder('llama-cls-lora/adapter_init'), 'adapter_config.json')
    const { task_type, modules_to_save, peft_type } = theirs
    expect(peftConfig(adapter!.config, 'a/b')).toMatchObject({ task_type, modules_to_save, peft_type })
    expect(adapter!.tensors.at(-1)).toEqual({
      name: 'base_model.model.score.weight',
      shape: [3, 8],
      slots: ['score.weight'],
    })
  })

  it('is read again, the head being no variant of LoRA', () => {
    const config = peftConfig(adapter!.config, 'a/b')
    expect(methodFromAdapter(config)).toMatchObject({ values: { r: 2 } })
    const more = { ...config, modules_to_save: ['score', 'embed_tokens'] }
    expect(() => methodFromAdapter(more)).toThrow(/modules_to_save/)
    expect(() => methodFromAdapter({ ...config, task_type: 'CAUSAL_LM' })).toThrow(/modules_to_save/)
  })
})
