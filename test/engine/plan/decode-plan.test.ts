import { describe, expect, it } from 'vitest'
import { findMethod } from '../../../main/engine/methods'
import { defineModel } from '../../../main/engine/models'
import { planDecode, type Binding, type Plan } from '../../../main/engine/plan'
import { tinyConfig } from '../models/tiny-llama'

const model = defineModel(tinyConfig)
const method = findMethod('lora').apply(model, { targets: 'q_proj', dropout: 0.5 })
const plan = planDecode({ model, method, maxLength: 64, tokens: 4, capacity: 32 })

const bindings = (list: Plan['phases']['forward'], side: 'inputs' | 'outputs'): Binding[] =>
  (list ?? []).flatMap((action) => (action.do === 'run' ? Object.values(action[side]) : []))

describe('a decode plan', () => {
  it('takes its rows when it is run: where tokens go in the cache, and which row is answered', () => {
    const byParameter = (list: readonly Binding[]): Binding[] => list.filter(({ row }) => row !== undefined)
    const written = byParameter(bindings(plan.phases.forward, 'outputs'))
    const cached = [0, 1].flatMap((layer) => [`cache.${layer}.k`, `cache.${layer}.v`])
    expect(written).toEqual(cached.map((slot) => ({ slot, row: { parameter: 'position' }, rows: 4 })))
    expect(byParameter(bindings(plan.phases.logits, 'inputs'))).toEqual([
      { slot: 'decode.h.0', row: { parameter: 'row' }, rows: 1 },
    ])
  })

  it('reads the whole cache of its layer', () => {
    const read = bindings(plan.phases.forward, 'inputs').filter(({ slot }) => slot.startsWith('cache.'))
    expect(read).toEqual(['cache.0.k', 'cache.0.v', 'cache.1.k', 'cache.1.v'].map((slot) => ({ slot })))
    expect(plan.slots.get('cache.1.k')).toEqual({ name: 'cache.1.k', role: 'cache', shape: [32, 4], dtype: 'f32' })
  })

  it('shares its two segments between equal layers', () => {
    const labels = [...plan.segments.values()].map(({ label }) => label)
    expect(labels.toSorted()).toEqual(['attend', 'embed', 'keys', 'logits'])
  })

  it('draws no dropout, and computes in each segment only what that gives', () => {
    const ops = (label: string): string[] =>
      [...plan.segments.values()].find((segment) => segment.label === label)!.graph.nodes.map(({ op }) => op)
    const all = ['embed', 'keys', 'attend', 'logits'].flatMap(ops)
    expect(all).not.toContain('dropout')
    expect(ops('keys')).not.toContain('gatedActivation')
    expect(ops('attend')).not.toContain('rope')
    // o, gate, up and down; q, k, v and LoRA's two; nothing twice.
    expect(ops('attend').filter((op) => op === 'linear')).toHaveLength(4)
    expect(ops('keys').filter((op) => op === 'linear')).toHaveLength(5)
  })
})
