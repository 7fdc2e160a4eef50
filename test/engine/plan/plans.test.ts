import { describe, expect, it } from 'vitest'
import { findMethod } from '../../../main/engine/methods'
import { defineModel } from '../../../main/engine/models'
import {
  forecastMemory,
  planEvaluation,
  planTraining,
  printPlan,
  type Action,
  type Plan,
  type RunAction,
} from '../../../main/engine/plan'

const model = defineModel({
  model_type: 'llama',
  hidden_size: 384,
  intermediate_size: 1024,
  num_hidden_layers: 3,
  num_attention_heads: 6,
  num_key_value_heads: 2,
  vocab_size: 4096,
  tie_word_embeddings: true,
})
const optimiser = { betas: [0.9, 0.999] as const, epsilon: 1e-8, weightDecay: 0, maxGradNorm: 1 }
const planWith = (targets: string, keepLayers = 0): Plan => {
  const method = findMethod('lora').apply(model, { targets })
  return planTraining({ model, method, batch: 2, length: 128, maxLength: 128, optimiser, keepLayers, headRows: 64 })
}
const isRun = (action: Action): action is RunAction => action.do === 'run'
const runs = (plan: Plan, phase: keyof Plan['phases']): RunAction[] => (plan.phases[phase] ?? []).filter(isRun)
const labels = (actions: readonly RunAction[]): string[] => actions.map(({ segment }) => segment.replace(/-\w+$/, ''))

describe('a training plan', () => {
  it('shares one segment between equal layers', () => {
    const plan = planWith('q_proj, v_proj')
    const blocks = runs(plan, 'forward').slice(1)
    expect(blocks).toHaveLength(3)
    expect(new Set(blocks.map(({ segment }) => segment)).size).toBe(1)
  })

  it('gives a layer that differs a segment of its own', () => {
    const blocks = runs(planWith('model.layers.1.self_attn.q_proj'), 'forward').slice(1)
    const [first, second, third] = blocks.map(({ segment }) => segment)
    expect(first).toBe(third)
    expect(second).not.toBe(first)
  })

  it('goes back no further than to the lowest layer that is trained', () => {
    const plan = planWith('model.layers.2.self_attn.q_proj')
    const backward = runs(plan, 'backward')
    expect(labels(backward)).toEqual(['gather', 'head', 'head', 'head', 'head', 'scatter', "block'"])
    expect(Object.keys(backward.at(-1)?.outputs ?? {})).not.toContain('dh')
  })

  it('keeps the last layers where it may, and recomputes the others', () => {
    const plan = planWith('all-linear', 2)
    expect(labels(runs(plan, 'forward'))).toEqual(['embed', 'block', 'block+keep', 'block+keep'])
    expect(labels(runs(plan, 'backward')).slice(6)).toEqual(["block'(kept)", "block'(kept)", "block'"])
  })

  it('ends with the embedding where that is trained', () => {
    const method = findMethod('full').apply(model, {})
    const plan = planTraining({ model, method, batch: 1, length: 32, maxLength: 32, optimiser })
    expect(labels(runs(plan, 'backward')).at(-1)).toBe("embed'")
  })

  it('adds every gradient to its slot, and zeroes it first', () => {
    const plan = planWith('all-linear')
    const zeroed = new Set(plan.phases.begin?.flatMap((action) => (action.do === 'zero' ? action.slots : [])))
    const gradients = [...plan.slots.values()].filter(({ role }) => role === 'gradient').map(({ name }) => name)
    const written = runs(plan, 'backward').flatMap(({ outputs }) => Object.values(outputs))
    for (const name of gradients) {
      expect(zeroed).toContain(name)
      expect(written.filter(({ slot }) => slot === name)).toEqual([{ slot: name, accumulate: true }])
    }
  })

  it('is printed with its slots, segments, lists and memory', () => {
    const text = printPlan(planWith('q_proj, v_proj'))
    expect(text).toMatch(/^plan {2}llama 3 layers · LoRA · 2 × 128 tokens$/m)
    expect(text).toMatch(/^ {2}model\.layers\.0\.self_attn\.q_proj\.lora_A\.weight {2}f32 \[8, 384\] {2}trainable$/m)
    expect(text).toMatch(/^ {2}block-[0-9a-f]{8} {2}\d+ nodes {2}3 ×$/m)
    expect(text).toMatch(
      /^ {2}run head-[0-9a-f]{8} \(rows 192-255\) if trainedRows > 192 -> loss \+= loss, dh = head\.dh\[192\+64\]$/m,
    )
    expect(text).toMatch(/^ {2}adamw on 12 tensors/m)
    expect(text).toMatch(/^memory {2}frozen weights \d+\.\d .* peak \d+\.\d MB$/m)
  })
})

describe('the memory forecast', () => {
  const bytes = (plans: readonly Plan[], part: string): number =>
    forecastMemory(plans).find((entry) => entry.part === part)?.bytes ?? 0

  it('counts a gradient and two moments for each trained number', () => {
    const plan = planWith('q_proj')
    const trained = 3 * 8 * (384 + 384) * 4
    expect(bytes([plan], 'trainable weights')).toBe(trained)
    expect(bytes([plan], 'gradients')).toBe(trained)
    expect(bytes([plan], 'optimiser moments')).toBe(2 * trained)
  })

  it('counts weights once, and the largest activations, over plans that share an executor', () => {
    const method = findMethod('lora').apply(model, { targets: 'q_proj' })
    const [short, long] = [64, 128].map((length) =>
      planEvaluation({ model, method, batch: 2, length, maxLength: 128 }),
    ) as [Plan, Plan]
    expect(bytes([short, long], 'frozen weights')).toBe(bytes([long], 'frozen weights'))
    expect(bytes([short, long], 'activations')).toBe(bytes([long], 'activations'))
  })
})
