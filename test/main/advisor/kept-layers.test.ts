import { describe, expect, it } from 'vitest'
import { findMethod } from '../../../main/engine/methods'
import { defineModel } from '../../../main/engine/models'
import { keptBytes, planTraining } from '../../../main/engine/plan'
import { layersToKeep, memoryBudget, processMemory, sumBytes } from '../../../main/advisor'

const model = defineModel({
  model_type: 'llama',
  hidden_size: 64,
  intermediate_size: 128,
  num_hidden_layers: 6,
  num_attention_heads: 4,
  vocab_size: 100,
})
const optimiser = { betas: [0.9, 0.999] as const, epsilon: 1e-8, weightDecay: 0, maxGradNorm: 1 }
const options = { model, method: findMethod('lora').apply(model, {}), batch: 2, length: 32, maxLength: 32, optimiser }
const forecast = (keepLayers: number): number => sumBytes(processMemory([planTraining({ ...options, keepLayers })]))

describe('layersToKeep', () => {
  const none = forecast(0)

  it('keeps what fits, from none to all', () => {
    const each = keptBytes(options)
    expect(layersToKeep(options, none - 1)).toBe(0)
    expect(layersToKeep(options, none + each - 1)).toBe(0)
    expect(layersToKeep(options, none + 3.5 * each)).toBe(3)
    expect(layersToKeep(options, none + 1000 * each)).toBe(6)
  })

  it('stays within the budget by the forecast of the plan it chose', () => {
    for (const budget of [none, none + 1e5, none + 5e5, none + 2e6])
      expect(forecast(layersToKeep(options, budget))).toBeLessThanOrEqual(budget)
  })
})

describe('memoryBudget', () => {
  it('is what the person says', () => expect(memoryBudget(2e9, 64e9)).toBe(2e9))
  it('leaves a quarter, and never less than a gigabyte, to the rest of the machine', () => {
    expect(memoryBudget(0, 16e9)).toBe(12e9)
    expect(memoryBudget(0, 2e9)).toBe(1e9)
  })
})
