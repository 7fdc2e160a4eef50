import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { evaluateGraph } from '../../../main/engine/backends/reference'
import {
  createGraphBuilder,
  fuseAddIntoLinear,
  joinWeightGradients,
  optimise,
  removeDeadNodes,
  type Graph,
  type Value,
} from '../../../main/engine/graph'
import { buildRandomGraph, fillRandomGraph, steps } from './random-graph'

const opsOf = (graph: Graph): string[] => graph.nodes.map(({ op, inputs }) => `${op}/${inputs.length}`)

/** x and two products of it, for graphs that end in sums. */
function products() {
  const g = createGraphBuilder()
  const x = g.input('x', [2, 3])
  const [a, b] = ['a', 'b'].map((name) => g.one('linear', [x, g.input(name, [3, 3])], { alpha: 2 })) as [Value, Value]
  return { g, x, a, b }
}

describe('removeDeadNodes', () => {
  it('drops what no output needs, with the inputs that only it used', () => {
    const g = createGraphBuilder()
    const [x, y] = [g.input('x', [2]), g.input('y', [2])]
    const kept = g.one('add', [x, x], {})
    g.one('mul', [g.one('add', [x, y], {}), kept], {})
    g.output('kept', kept)
    const graph = removeDeadNodes(g.graph())
    expect(opsOf(graph)).toEqual(['add/2'])
    expect(graph.inputs.map((port) => port.name)).toEqual(['x'])
  })

  it('keeps a node of which one output is read, and an input that is an output', () => {
    const g = createGraphBuilder()
    const [dy, gate, up] = ['dy', 'gate', 'up'].map((name) => g.input(name, [1, 2])) as [Value, Value, Value]
    const [, dUp] = g.apply('gatedActivationGrad', [dy, gate, up], { activation: 'silu' })
    g.output('dUp', dUp!)
    const through = g.input('through', [4])
    g.output('through', through)
    const graph = removeDeadNodes(g.graph())
    expect(opsOf(graph)).toEqual(['gatedActivationGrad/3'])
    expect(graph.inputs.map((port) => port.name)).toEqual(['dy', 'gate', 'up', 'through'])
  })
})

describe('fuseAddIntoLinear', () => {
  it.each([
    ['product + x', true],
    ['x + product', false],
  ])('makes %s the addend of the product', (_, productFirst) => {
    const { g, x, a } = products()
    g.output('y', g.one('add', productFirst ? [a, x] : [x, a], {}))
    const graph = fuseAddIntoLinear(g.graph())
    expect(opsOf(graph)).toEqual(['linear/3'])
    expect(graph.nodes[0]?.inputs[2]).toBe(x)
    expect(graph.nodes[0]?.attributes).toEqual({ alpha: 2 })
  })

  it('joins gradients that meet', () => {
    const g = createGraphBuilder()
    const [dy, w, c] = [g.input('dy', [2, 4]), g.input('w', [4, 3]), g.input('c', [2, 3])]
    g.output('dx', g.one('add', [c, g.one('linearInputGrad', [dy, w], { alpha: 1 })], {}))
    expect(opsOf(fuseAddIntoLinear(g.graph()))).toEqual(['linearInputGrad/3'])
  })

  it('of two products the later one takes the earlier one', () => {
    for (const order of [0, 1]) {
      const { g, a, b } = products()
      g.output('y', g.one('add', order ? [a, b] : [b, a], {}))
      const graph = fuseAddIntoLinear(g.graph())
      expect(opsOf(graph)).toEqual(['linear/2', 'linear/3'])
      expect(graph.nodes[1]?.inputs[2]).toBe(graph.nodes[0]?.outputs[0])
    }
  })

  it('a chain of sums takes each product once', () => {
    const { g, x, a, b } = products()
    g.output('y', g.one('add', [g.one('add', [a, x], {}), b], {}))
    expect(opsOf(fuseAddIntoLinear(g.graph()))).toEqual(['linear/3', 'linear/3'])
  })

  it('leaves a product that is needed by itself', () => {
    const used = products()
    used.g.output('y', used.g.one('mul', [used.g.one('add', [used.a, used.x], {}), used.a], {}))
    expect(opsOf(fuseAddIntoLinear(used.g.graph()))).toEqual(['linear/2', 'add/2', 'mul/2'])
    const read = products()
    read.g.output('y', read.g.one('add', [read.a, read.x], {}))
    read.g.output('a', read.a)
    expect(opsOf(fuseAddIntoLinear(read.g.graph()))).toEqual(['linear/2', 'add/2'])
    const doubled = products()
    doubled.g.output('y', doubled.g.one('add', [doubled.a, doubled.a], {}))
    expect(opsOf(fuseAddIntoLinear(doubled.g.graph()))).toEqual(['linear/2', 'add/2'])
  })

  it('leaves sums that broadcast, and products that have an addend', () => {
    const { g, x, a } = products()
    g.output('y', g.one('add', [a, g.input('row', [3])], {}))
    expect(opsOf(fuseAddIntoLinear(g.graph()))).toEqual(['linear/2', 'add/2'])
    const full = createGraphBuilder()
    const [z, w] = [full.input('z', x.shape), full.input('w', [3, 3])]
    full.output('y', full.one('add', [full.one('linear', [z, w, z], { alpha: 1 }), z], {}))
    expect(opsOf(fuseAddIntoLinear(full.graph()))).toEqual(['linear/3', 'add/2'])
  })
})

/** Gradients of one weight from several uses of it, [2, 3] → [4, 3] each. */
function weightGradients(alphas: readonly number[]) {
  const g = createGraphBuilder()
  const gradients = alphas.map((alpha, i) =>
    g.one('linearWeightGrad', [g.input(`dy${i}`, [i + 1, 4]), g.input(`x${i}`, [i + 1, 3])], { alpha }),
  )
  return { g, gradients }
}

describe('joinWeightGradients', () => {
  it('makes one product of all uses of a weight, whatever their rows', () => {
    const { g, gradients } = weightGradients([2, 2, 2])
    g.output(
      'dw',
      gradients.reduce((sum, gradient) => g.one('add', [sum, gradient], {})),
    )
    const graph = joinWeightGradients(g.graph())
    expect(opsOf(graph)).toEqual(['concat/3', 'concat/3', 'linearWeightGrad/2'])
    expect(graph.nodes.map(({ outputs }) => outputs[0]?.shape)).toEqual([
      [6, 4],
      [6, 3],
      [4, 3],
    ])
    const data = fillRandomGraph(g, 5)
    const [expected, actual] = [g.graph(), graph].map((each) => evaluateGraph(each, data).get('dw')!)
    actual!.forEach((value, i) => expect(value).toBeCloseTo(expected![i]!, 12))
  })

  it('leaves gradients that differ in their factor, and one that is needed by itself', () => {
    const differing = weightGradients([1, 2])
    differing.g.output('dw', differing.g.one('add', differing.gradients, {}))
    expect(joinWeightGradients(differing.g.graph())).toEqual(differing.g.graph())
    const needed = weightGradients([1, 1])
    needed.g.output('dw', needed.g.one('add', needed.gradients, {}))
    needed.g.output('first', needed.gradients[0]!)
    expect(joinWeightGradients(needed.g.graph())).toEqual(needed.g.graph())
  })
})

/** Every node reads only inputs and what earlier nodes made. */
function expectOrdered(graph: Graph): void {
  const known = new Set<Value>(graph.inputs.map((port) => port.value))
  for (const node of graph.nodes) {
    for (const value of node.inputs) expect(known.has(value)).toBe(true)
    node.outputs.forEach((value) => known.add(value))
  }
  for (const port of graph.outputs) expect(known.has(port.value)).toBe(true)
}

describe('optimise', () => {
  it('changes no output of any graph, keeps the order of making before using, and has nothing left to do', () => {
    fc.assert(
      fc.property(steps, fc.nat({ max: 10_000 }), (plan, seed) => {
        const { g } = buildRandomGraph(plan)
        const data = fillRandomGraph(g, seed)
        const [before, after] = [g.graph(), optimise(g.graph())]
        expectOrdered(after)
        // Joining two products takes two nodes for what they are made of.
        expect(after.nodes.length).toBeLessThanOrEqual(2 * before.nodes.length)
        expect(removeDeadNodes(after)).toEqual(after)
        const [expected, actual] = [evaluateGraph(before, data), evaluateGraph(after, data)]
        expect([...actual.keys()]).toEqual([...expected.keys()])
        for (const [name, values] of expected) {
          const scale = Math.max(1, ...values.map(Math.abs))
          const errors = values.map((value, i) => Math.abs(actual.get(name)![i]! - value) / scale)
          expect(Math.max(...errors)).toBeLessThan(1e-12)
        }
      }),
      { seed: 11, numRuns: 300 },
    )
  })
})
