import { describe, expect, it, onTestFinished } from 'vitest'
import { evaluateGraph } from '../../../main/engine/backends/reference'
import { createGraphBuilder, optimise, type Graph, type GraphBuilder } from '../../../main/engine/graph'
import type { Backend } from '../../../main/engine/plan'
import { eighths, oneSegmentPlan } from './one-segment'

const build = (fill: (g: GraphBuilder) => void): Graph => {
  const g = createGraphBuilder()
  fill(g)
  return optimise(g.graph())
}

/** Graphs whose outputs are made, or not made, by products: a back end may let these do the adding. */
export const sums = {
  /** dw = dyᵀ x: one product. */
  product: build((g) => {
    const [dy, x] = [g.input('dy', [3, 2]), g.input('x', [3, 4])]
    g.output('dw', g.one('linearWeightGrad', [dy, x], { alpha: 1 }))
  }),
  /** x wᵀ + b: the product adds something already. */
  productWithAddend: build((g) => {
    const [x, w, b] = [g.input('x', [3, 2]), g.input('w', [4, 2]), g.input('b', [4])]
    g.output('y', g.one('linear', [x, w, b], { alpha: 1 }))
  }),
  /** Made by no product at all. */
  sum: build((g) => g.output('db', g.one('sumTo', [g.input('dy', [3, 2])], { shape: [2] }))),
  /** The product is also used by somebody else. */
  usedProduct: build((g) => {
    const [dy, x] = [g.input('dy', [3, 2]), g.input('x', [3, 4])]
    const dw = g.one('linearWeightGrad', [dy, x], { alpha: 1 })
    g.output('dw', dw)
    g.output('square', g.one('mul', [dw, dw], {}))
  }),
  /** One value for two slots. */
  twice: build((g) => {
    const [dy, x] = [g.input('dy', [3, 2]), g.input('x', [3, 4])]
    const dw = g.one('linearWeightGrad', [dy, x], { alpha: 1 })
    for (const name of ['first', 'second']) g.output(name, dw)
  }),
  /** An input that goes straight out. */
  passed: build((g) => {
    const x = g.input('x', [2, 3])
    for (const name of ['same', 'again']) g.output(name, x)
  }),
} satisfies Record<string, Graph>

/** Runs three times and returns what the outputs' slots then hold; each had 0.5 everywhere before. */
async function threeTimes(
  backend: Backend,
  graph: Graph,
  accumulating: readonly string[],
): Promise<Record<string, number[]>> {
  const plan = oneSegmentPlan(graph, accumulating)
  const executor = await backend.open({ threads: 1 })
  onTestFinished(() => executor.dispose())
  await executor.prepare([plan])
  for (const { name, value } of graph.inputs) await executor.upload(name, eighths(value.shape))
  for (const { name, value } of graph.outputs) await executor.upload(name, eighths(value.shape).fill(0.5))
  for (let i = 0; i < 3; i++) await executor.run(plan, 'forward')
  const results: Record<string, number[]> = {}
  for (const { name } of graph.outputs) results[name] = [...(await executor.read(name))]
  return results
}

function expected(graph: Graph, accumulating: readonly string[]): Record<string, number[]> {
  const inputs = new Map(graph.inputs.map(({ name, value }) => [name, Float64Array.from(eighths(value.shape))]))
  const once = [...evaluateGraph(graph, inputs)]
  return Object.fromEntries(
    once.map(([name, values]) => [
      name,
      [...values].map((value) => (accumulating.includes(name) ? 0.5 + 3 * value : value)),
    ]),
  )
}

/** What every back end does with outputs that are added to their slots; the numbers are exact in float32. */
export function accumulateContract(backend: Backend): void {
  describe('adding to what a slot holds', () => {
    it.each<[string, Graph, readonly string[]]>([
      ['a product', sums.product, ['dw']],
      ['a product that has an addend already', sums.productWithAddend, ['y']],
      ['what no product makes', sums.sum, ['db']],
      ['a product that is used as well', sums.usedProduct, ['dw']],
      ['what is made of such a product', sums.usedProduct, ['dw', 'square']],
      ['one value, in two slots', sums.twice, ['first', 'second']],
      ['one value, in the first of two slots', sums.twice, ['first']],
      ['one value, in the second of two slots', sums.twice, ['second']],
      ['an input as it is', sums.passed, ['same']],
      ['an input as it is, in the second of two slots', sums.passed, ['again']],
      ['nothing', sums.usedProduct, []],
    ])('%s', async (_, graph, accumulating) => {
      expect(await threeTimes(backend, graph, accumulating)).toEqual(expected(graph, accumulating))
    })
  })
}
