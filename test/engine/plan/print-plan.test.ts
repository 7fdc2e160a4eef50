import { describe, expect, it } from 'vitest'
import { findMethod } from '../../../main/engine/methods'
import { defineModel } from '../../../main/engine/models'
import { planDecode, planTraining, printPlan, type Plan } from '../../../main/engine/plan'

const model = defineModel({
  model_type: 'llama',
  hidden_size: 384,
  intermediate_size: 1024,
  num_hidden_layers: 2,
  num_attention_heads: 6,
  num_key_value_heads: 2,
  vocab_size: 4096,
  tie_word_embeddings: true,
})
const optimiser = { betas: [0.9, 0.999] as const, epsilon: 1e-8, weightDecay: 0.01, maxGradNorm: 1 }

function trainingPlan(): Plan {
  const method = findMethod('lora').apply(model, { r: 8, alpha: 16, targets: 'q_proj, v_proj' })
  const shape = { batch: 2, length: 128, maxLength: 128, headRows: 64, keepLayers: 1 }
  return planTraining({ model, method, optimiser, ...shape })
}

describe('a printed plan', () => {
  it('shows a LoRA step whole: slots, segments, lists, memory and graphs', async () => {
    const text = printPlan(trainingPlan(), { graphs: true })
    await expect(`${text}\n`).toMatchFileSnapshot('snapshots/lora-training.txt')
  })

  it('shows a generation', async () => {
    const method = findMethod('full').apply(model, {})
    const text = printPlan(planDecode({ model, method, maxLength: 128, tokens: 1, capacity: 64 }))
    await expect(`${text}\n`).toMatchFileSnapshot('snapshots/decode.txt')
  })

  it('is the same each time it is made', () => {
    expect(printPlan(trainingPlan(), { graphs: true })).toBe(printPlan(trainingPlan(), { graphs: true }))
  })
})
