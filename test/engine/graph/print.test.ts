import { describe, expect, it } from 'vitest'
import { createGraphBuilder, optimise, printGraph, shortHash } from '../../../main/engine/graph'

function model(extra: boolean, alpha = 2): string {
  const g = createGraphBuilder()
  // Values that end up unused shift the ids of all later ones.
  if (extra) g.one('add', [g.input('unused', [4]), g.input('other', [4])], {})
  const x = g.input('x', [2, 3])
  const y = g.one('linear', [x, g.input('w', [5, 3])], { alpha })
  if (extra) g.one('mul', [y, y], {})
  g.output('y', g.one('rmsNorm', [y, g.input('norm', [5])], { epsilon: 0.5, offset: 0, heads: 1 }))
  return printGraph(optimise(g.graph()))
}

describe('printGraph', () => {
  it('shows types, attributes and the names of the ends', () => {
    expect(model(false)).toBe(
      [
        'input x = %0: f32 [2, 3]',
        'input w = %1: f32 [5, 3]',
        'input norm = %2: f32 [5]',
        '%3: f32 [2, 5] = linear(%0, %1) {alpha=2}',
        '%4: f32 [2, 5] = rmsNorm(%3, %2) {epsilon=0.5, offset=0, heads=1}',
        'output y = %4',
      ].join('\n'),
    )
  })

  it('is equal for equal graphs that were built differently, and differs with an attribute', () => {
    expect(model(true)).toBe(model(false))
    expect(model(false, 3)).not.toBe(model(false))
  })

  it('shows every output of a node and the types of i32 inputs', () => {
    const g = createGraphBuilder()
    const [dy, gate] = [g.input('dy', [1, 2]), g.input('gate', [1, 2])]
    const rows = g.one('embedding', [g.input('ids', [1], 'i32'), g.input('table', [7, 2])], {})
    const [dGate] = g.apply('gatedActivationGrad', [dy, gate, rows], { activation: 'silu' })
    g.output('dGate', dGate!)
    const lines = printGraph(g.graph()).split('\n')
    expect(lines).toContain('input ids = %2: i32 [1]')
    expect(lines).toContain('%4: f32 [1, 2] = embedding(%2, %3)')
    expect(lines).toContain('%5: f32 [1, 2], %6: f32 [1, 2] = gatedActivationGrad(%0, %1, %4) {activation="silu"}')
  })
})

describe('shortHash', () => {
  it('gives FNV-1a’s published values as eight digits', () => {
    expect(shortHash('')).toBe('811c9dc5')
    expect(shortHash('a')).toBe('e40c292c')
    expect(shortHash('foobar')).toBe('bf9cf968')
  })
})
