import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { differentiate } from '../../../main/engine/autodiff'
import { evaluateGraph } from '../../../main/engine/backends/reference'
import { createGraphBuilder, optimise, type GraphBuilder, type Value } from '../../../main/engine/graph'
import { buildRandomGraph, fillRandomGraph, steps } from '../graph/random-graph'
import { normals, type NamedData } from '../ops/op-cases'

const floats = (...values: readonly number[]): Float64Array => Float64Array.from(values)

/** Differentiates y and returns the gradients' numbers, null where none flows. */
function gradientsOf(g: GraphBuilder, y: Value, wrt: readonly Value[], data: NamedData): (number[] | null)[] {
  const gradients = differentiate(g, new Map([[y, g.input('dy', y.shape)]]), wrt)
  gradients.forEach((gradient, i) => gradient && g.output(`d${i}`, gradient))
  const results = evaluateGraph(g.graph(), data)
  return gradients.map((gradient, i) => (gradient ? [...results.get(`d${i}`)!] : null))
}

/** Which ops `differentiate` adds for these values. */
function addedOps(g: GraphBuilder, y: Value, wrt: readonly Value[]): string[] {
  const before = g.nodes.length
  differentiate(g, new Map([[y, g.input('dy', y.shape)]]), wrt)
  return g.nodes.slice(before).map(({ op }) => op)
}

describe('differentiate', () => {
  it('sums the gradients of a value that is used more than once', () => {
    const g = createGraphBuilder()
    const x = g.input('x', [2])
    const y = g.one('add', [g.one('mul', [x, x], {}), x], {})
    const data = new Map([['x', floats(3, -1)], ['dy', floats(1, 10)]]) // prettier-ignore
    // d(x² + x) = 2x + 1
    expect(gradientsOf(g, y, [x], data)).toEqual([[7, -10]])
  })

  it('un-broadcasts: a gradient has the shape of its value', () => {
    const g = createGraphBuilder()
    const [row, column] = [g.input('row', [3]), g.input('column', [2, 1])]
    const y = g.one('mul', [row, column], {})
    const data = new Map([['row', floats(1, 2, 3)], ['column', floats(10, 20)], ['dy', floats(1, 1, 1, 0, 0, 1)]]) // prettier-ignore
    expect(gradientsOf(g, y, [row, column], data)).toEqual([
      [10, 10, 30],
      [6, 3],
    ])
  })

  it('un-broadcasts the addend of a product', () => {
    const g = createGraphBuilder()
    const [x, w, bias] = [g.input('x', [2, 1]), g.input('w', [2, 1]), g.input('bias', [2])]
    const y = g.one('linear', [x, w, bias], { alpha: 3 })
    const data = new Map(['x', 'w', 'bias'].map((name) => [name, floats(1, 1)]))
    data.set('dy', floats(1, 2, 3, 4))
    expect(gradientsOf(g, y, [bias], data)).toEqual([[4, 6]])
  })

  it('reaches values inside the graph, with all that flows to them', () => {
    const g = createGraphBuilder()
    const x = g.input('x', [1])
    const h = g.one('mul', [x, x], {})
    const y = g.one('mul', [h, x], {})
    const data = new Map([['x', floats(5)], ['dy', floats(1)]]) // prettier-ignore
    // y = h x: dh = x, and dx = h + dh · 2x = 25 + 50
    expect(gradientsOf(g, y, [h, x], data)).toEqual([[5], [75]])
  })

  it('adds seeds together: two results, one of them used by the other', () => {
    const g = createGraphBuilder()
    const x = g.input('x', [1])
    const h = g.one('mul', [x, x], {})
    const y = g.one('add', [h, x], {})
    const seeds = new Map([[y, g.input('dy', [1])], [h, g.input('dh', [1])]]) // prettier-ignore
    const [dx] = differentiate(g, seeds, [x])
    g.output('dx', dx!)
    const data = new Map([['x', floats(5)], ['dy', floats(1)], ['dh', floats(100)]]) // prettier-ignore
    // (dy + dh) · 2x + dy
    expect([...evaluateGraph(g.graph(), data).get('dx')!]).toEqual([1011])
  })

  it('gives nothing where no gradient flows', () => {
    const g = createGraphBuilder()
    const [x, other, ids] = [g.input('x', [1, 2]), g.input('other', [1, 2]), g.input('ids', [1], 'i32')]
    const y = g.one('add', [x, g.one('embedding', [ids, g.input('table', [3, 2])], {})], {})
    g.one('mul', [other, y], {})
    expect(differentiate(g, new Map([[y, g.input('dy', [1, 2])]]), [other, ids])).toEqual([undefined, undefined])
    expect(differentiate(g, new Map(), [x])).toEqual([undefined])
  })
})

describe('work that differentiate saves', () => {
  const product = () => {
    const g = createGraphBuilder()
    const [x, w] = [g.input('x', [2, 3]), g.input('w', [4, 3])]
    return { g, x, w, y: g.one('linear', [x, w], { alpha: 1 }) }
  }

  it('a frozen weight gets no gradient', () => {
    const { g, x, y } = product()
    expect(addedOps(g, y, [x])).toEqual(['linearInputGrad'])
  })

  it('nothing is passed below the lowest wanted value', () => {
    const { g, w, y } = product()
    expect(addedOps(g, y, [w])).toEqual(['linearWeightGrad'])
  })

  it('branches without a wanted value are not walked', () => {
    const { g, w, y } = product()
    const gate = g.one('rmsNorm', [g.input('v', [2, 4]), g.input('norm', [4])], { epsilon: 1, offset: 0, heads: 1 })
    expect(addedOps(g, g.one('mul', [gate, y], {}), [w])).toEqual(['mul', 'linearWeightGrad'])
  })

  it('LoRA on a frozen product trains A and B only, and x’s gradients meet in one product', () => {
    const g = createGraphBuilder()
    const [x, w] = [g.input('x', [5, 3]), g.input('w', [4, 3])]
    const [a, b] = [g.input('A', [2, 3]), g.input('B', [4, 2])]
    const low = g.one('linear', [x, a], { alpha: 1 })
    const y = g.one('add', [g.one('linear', [x, w], { alpha: 1 }), g.one('linear', [low, b], { alpha: 2 })], {})
    const gradients = differentiate(g, new Map([[y, g.input('dy', y.shape)]]), [a, b, x])
    gradients.forEach((gradient, i) => g.output(`d${i}`, gradient!))
    const ops = optimise(g.graph()).nodes.map(({ op, inputs }) => `${op}/${inputs.length}`)
    expect(ops.toSorted()).toEqual([
      'linear/2',
      'linearInputGrad/2',
      'linearInputGrad/2',
      'linearInputGrad/3',
      'linearWeightGrad/2',
      'linearWeightGrad/2',
    ].toSorted()) // prettier-ignore
  })
})

describe('graphs of many ops', () => {
  it('agree with finite differences along a random direction of all inputs', () => {
    fc.assert(
      fc.property(steps, fc.nat({ max: 10_000 }), (plan, seed) => {
        // A gradient op has no derivative of its own.
        fc.pre(plan.every(({ op }) => op !== 'weightGrad'))
        const { g, inputs } = buildRandomGraph(plan)
        const data = fillRandomGraph(g, seed)
        const forward = g.graph()
        const y = forward.outputs.at(-1)!
        const dy = normals(9, seed + 50)
        const shifted = (step: number): Float64Array => {
          const moved = new Map([...data].map(([name, x], i) => [name, x.map((v, j) => v + step * direction[i]![j]!)]))
          return evaluateGraph(forward, moved).get(y.name)!
        }
        const direction = inputs.map(({ shape }, i) => normals(shape.length === 1 ? 3 : 9, seed + 100 + i))
        const [up, down] = [shifted(1e-6), shifted(-1e-6)]
        const expected = dy.reduce((sum, d, i) => sum + (d * (up[i]! - down[i]!)) / 2e-6, 0)
        const terms = gradientsOf(g, y.value, inputs, new Map([...data, ['dy', dy]])).flatMap((gradient, i) =>
          (gradient ?? []).map((value, j) => value * direction[i]![j]!),
        )
        const actual = terms.reduce((a, b) => a + b, 0)
        const size = Math.max(1, ...terms.map(Math.abs), ...up.map(Math.abs))
        expect(Math.abs(actual - expected) / size).toBeLessThan(1e-6)
      }),
      { seed: 12, numRuns: 200 },
    )
  })
})
