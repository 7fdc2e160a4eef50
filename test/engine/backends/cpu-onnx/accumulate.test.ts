import { describe, expect, it, onTestFinished } from 'vitest'
import { cpuOnnxBackend } from '../../../../main/engine/backends/cpu-onnx'
import { lowerGraph } from '../../../../main/engine/backends/cpu-onnx/lower-graph'
import { evaluateGraph } from '../../../../main/engine/backends/reference'
import { createGraphBuilder, optimise, type Graph, type GraphBuilder } from '../../../../main/engine/graph'
import { eighths, oneSegmentPlan } from './one-segment'

const build = (fill: (g: GraphBuilder) => void): Graph => {
  const g = createGraphBuilder()
  fill(g)
  return optimise(g.graph())
}

/** dw = dyᵀ x: one Gemm, whose C is free. */
const product = build((g) => {
  const [dy, x] = [g.input('dy', [3, 2]), g.input('x', [3, 4])]
  g.output('dw', g.one('linearWeightGrad', [dy, x], { alpha: 1 }))
})
/** x wᵀ + b: the Gemm's C is taken. */
const productWithAddend = build((g) => {
  const [x, w, b] = [g.input('x', [3, 2]), g.input('w', [4, 2]), g.input('b', [4])]
  g.output('y', g.one('linear', [x, w, b], { alpha: 1 }))
})
/** Made by no Gemm at all. */
const sum = build((g) => g.output('db', g.one('sumTo', [g.input('dy', [3, 2])], { shape: [2] })))
/** The product is also used by somebody else. */
const usedProduct = build((g) => {
  const [dy, x] = [g.input('dy', [3, 2]), g.input('x', [3, 4])]
  const dw = g.one('linearWeightGrad', [dy, x], { alpha: 1 })
  g.output('dw', dw)
  g.output('square', g.one('mul', [dw, dw], {}))
})
/** One value for two slots. */
const twice = build((g) => {
  const [dy, x] = [g.input('dy', [3, 2]), g.input('x', [3, 4])]
  const dw = g.one('linearWeightGrad', [dy, x], { alpha: 1 })
  for (const name of ['first', 'second']) g.output(name, dw)
})
/** An input that goes straight out. */
const passed = build((g) => {
  const x = g.input('x', [2, 3])
  for (const name of ['same', 'again']) g.output(name, x)
})

/** Runs three times and returns what the outputs' slots then hold; each had 0.5 everywhere before. */
async function threeTimes(graph: Graph, accumulating: readonly string[]): Promise<Record<string, number[]>> {
  const plan = oneSegmentPlan(graph, accumulating)
  const executor = await cpuOnnxBackend.open({ threads: 1 })
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

describe('adding to what a slot holds', () => {
  it.each<[string, Graph, readonly string[]]>([
    ['a product, through the Gemm itself', product, ['dw']],
    ['a product that has an addend already', productWithAddend, ['y']],
    ['what no Gemm makes', sum, ['db']],
    ['a product that is used as well', usedProduct, ['dw']],
    ['what is made of such a product', usedProduct, ['dw', 'square']],
    ['one value, in two slots', twice, ['first', 'second']],
    ['one value, in the first of two slots', twice, ['first']],
    ['one value, in the second of two slots', twice, ['second']],
    ['an input as it is', passed, ['same']],
    ['an input as it is, in the second of two slots', passed, ['again']],
    ['nothing', usedProduct, []],
  ])('%s', async (_, graph, accumulating) => {
    expect(await threeTimes(graph, accumulating)).toEqual(expected(graph, accumulating))
  })
})

describe('the ONNX model of a segment', () => {
  const hasNode = (graph: Graph, op: string, accumulating: readonly string[]): boolean =>
    new TextDecoder('latin1').decode(lowerGraph(graph, new Set(accumulating)).model).includes(`"\x03${op}`)

  it('has an addition for the slot only where no Gemm can do it', () => {
    expect(hasNode(product, 'Add', ['dw'])).toBe(false)
    expect(hasNode(productWithAddend, 'Add', ['y'])).toBe(true)
    expect(hasNode(sum, 'Add', ['db'])).toBe(true)
    expect(hasNode(sum, 'Add', [])).toBe(false)
  })

  it('refuses an op that runs on the host beside others', () => {
    const mixed = build((g) => {
      const [dy, ids] = [g.input('dy', [3, 2]), g.input('ids', [3], 'i32')]
      g.output('dTable', g.one('embeddingGrad', [g.one('mul', [dy, dy], {}), ids], { rows: 5 }))
    })
    expect(() => lowerGraph(mixed, new Set())).toThrow(
      expect.objectContaining({ code: 'unsupported', message: expect.stringContaining('embeddingGrad') }),
    )
  })
})
