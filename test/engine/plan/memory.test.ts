import { describe, expect, it } from 'vitest'
import { createGraphBuilder, type Graph } from '../../../main/engine/graph'
import { forecastMemory, scratchBytes, type Plan, type Slot } from '../../../main/engine/plan'

/** x + x, then so many doublings of the result; only the last is an output. */
function chain(rows: number, doublings: number): Graph {
  const g = createGraphBuilder()
  let y = g.input('x', [rows, 5])
  for (let i = 0; i <= doublings; i++) y = g.one('add', [y, y], {})
  g.output('y', y)
  return g.graph()
}

describe('scratchBytes', () => {
  it('counts nothing that is bound to a slot', () => {
    expect(scratchBytes(chain(3, 0))).toBe(0)
  })

  it('counts a value from where it is made to its last use: of a chain two at once', () => {
    expect(scratchBytes(chain(3, 1))).toBe(3 * 5 * 4)
    expect(scratchBytes(chain(3, 2))).toBe(2 * 3 * 5 * 4)
    expect(scratchBytes(chain(3, 20))).toBe(2 * 3 * 5 * 4)
  })

  it('counts a value that is used late all the way', () => {
    const g = createGraphBuilder()
    const x = g.input('x', [4, 2])
    const early = g.one('mul', [x, x], {}) // 8 numbers
    const wide = g.one('linear', [x, g.input('w', [100, 2])], { alpha: 1 }) // 400
    const narrow = g.one('linear', [wide, g.input('v', [2, 100])], { alpha: 1 }) // 8
    g.output('y', g.one('add', [early, narrow], {}))
    expect(scratchBytes(g.graph())).toBe((8 + 400 + 8) * 4)
  })

  it('counts every output of an op, and drops what nobody reads at once', () => {
    const g = createGraphBuilder()
    const [dy, gate, up] = ['dy', 'gate', 'up'].map((name) => g.input(name, [3, 4]))
    const [dGate] = g.apply('gatedActivationGrad', [dy!, gate!, up!], { activation: 'silu' })
    g.output('y', g.one('add', [dGate!, dGate!], {}))
    expect(scratchBytes(g.graph())).toBe(2 * 12 * 4)
  })
})

describe('scratchBytes of an op that holds more than its ends', () => {
  it('counts the logits of a loss head and what softmax makes of them', () => {
    const g = createGraphBuilder()
    const [x, table] = [g.input('x', [6, 4]), g.input('table', [50, 4])]
    const labels = [g.input('labels', [6], 'i32'), g.input('weight', [6])]
    g.output('loss', g.one('lossHead', [x, table, ...labels], {}))
    expect(scratchBytes(g.graph())).toBe(2 * 6 * 50 * 4)
  })

  it('counts the scores of attention: every query and head with the keys of its own sequence', () => {
    const g = createGraphBuilder()
    const [q, k, v] = [g.input('q', [10, 12]), g.input('k', [10, 6]), g.input('v', [10, 6])]
    const ranges = [g.input('first', [10], 'i32'), g.input('last', [10], 'i32')]
    const attributes = { batch: 2, heads: 4, kvHeads: 2, scale: 1, causal: true, prefix: 0, window: 0 }
    g.output('y', g.one('attention', [q, k, v, ...ranges], attributes))
    expect(scratchBytes(g.graph())).toBe(2 * 10 * 4 * 5 * 4)
  })
})

describe('forecastMemory', () => {
  const slot = (name: string, role: Slot['role'], ...shape: number[]): Slot => ({ name, role, shape, dtype: 'f32' })
  const planOf = (slots: readonly Slot[], ...graphs: readonly Graph[]): Plan => ({
    title: 'by hand',
    slots: new Map(slots.map((each) => [each.name, each])),
    segments: new Map(graphs.map((graph, i) => [`${i}`, { key: `${i}`, label: 'part', graph }])),
    phases: {},
  })
  const bytes = (...plans: readonly Plan[]): Record<string, number> =>
    Object.fromEntries(forecastMemory(plans).map(({ part, bytes }) => [part, bytes]))

  it('sums slots by what they are for, four bytes a number', () => {
    const plan = planOf([
      slot('w', 'frozen', 10, 10),
      slot('v', 'frozen', 7),
      slot('a', 'trainable', 2, 3),
      slot('a.grad', 'gradient', 2, 3),
      slot('a.m', 'moment', 2, 3),
      slot('a.v', 'moment', 2, 3),
      slot('h', 'activation', 9),
      slot('ids', 'batch', 4),
      slot('loss', 'scalar', 1),
      slot('k', 'cache', 8),
    ])
    expect(bytes(plan)).toEqual({
      'frozen weights': 428,
      'trainable weights': 24,
      gradients: 24,
      'optimiser moments': 48,
      activations: 36,
      batch: 20,
      'key/value cache': 32,
      'working memory': 0,
    })
  })

  it('counts a slot of several plans once, as large as the largest needs it', () => {
    const short = planOf([slot('w', 'frozen', 5), slot('h', 'activation', 10), slot('x', 'activation', 40)])
    const long = planOf([slot('w', 'frozen', 5), slot('h', 'activation', 30)])
    expect(bytes(short, long)).toMatchObject({ 'frozen weights': 20, activations: (30 + 40) * 4 })
    expect(bytes(long, short)).toEqual(bytes(short, long))
  })

  it('counts the scratch of the largest segment: segments run one after the other', () => {
    const graphs = [chain(2, 3), chain(9, 1), chain(1, 0)]
    expect(bytes(planOf([], ...graphs))).toEqual({ 'working memory': 9 * 5 * 4 })
    expect(bytes(planOf([], chain(2, 3)), planOf([], chain(9, 2)))).toEqual({ 'working memory': 2 * 9 * 5 * 4 })
  })

  it('is nothing where there are no plans', () => {
    expect(bytes()).toEqual({ 'working memory': 0 })
  })
})
