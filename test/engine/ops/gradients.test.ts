import { describe, expect, it } from 'vitest'
import { evaluateGraph } from '../../../main/engine/backends/reference'
import { createGraphBuilder, type OpName } from '../../../main/engine/graph'
import { differentiate } from '../../../main/engine/autodiff'
import { createRng } from '../../../main/engine/rng'
import { caseTable } from './case-table'
import {
  buildGradientGraph,
  buildGraph,
  differentiableInputs,
  gradientInputs,
  makeInputs,
  normals,
  opCases,
  type NamedData,
  type OpCase,
} from './op-cases'

const inner = (a: Float64Array, b: Float64Array): number => a.reduce((sum, x, i) => sum + x * b[i]!, 0)

/** Equal to 1e-6 of the larger one; numbers far below 1 are compared as if they were 0.01. */
function expectClose(actual: number, expected: number, what: string): void {
  const size = Math.max(Math.abs(actual), Math.abs(expected), 0.01)
  expect(Math.abs(actual - expected) / size, `${what}: ${actual} against ${expected}`).toBeLessThan(1e-6)
}

/** The numbers of all ports of one kind (`out`, `dout`), one after the other. */
function joined(data: ReadonlyMap<string, ArrayLike<number>>, kind: string): Float64Array {
  const ports = [...data.keys()].filter((name) => name.replace(/\d+$/, '') === kind).sort()
  return Float64Array.from(ports.flatMap((name) => Array.from(data.get(name)!)))
}

/** The outputs' derivative along one direction per named input: (f(x + hu) − f(x − hu)) / 2h. */
function centralDifference(opCase: OpCase, at: NamedData, directions: ReadonlyMap<string, Float64Array>): Float64Array {
  const graph = buildGraph(opCase)
  const step = 1e-5
  const shifted = (sign: number): Float64Array => {
    const moved = new Map(at)
    for (const [name, u] of directions)
      moved.set(
        name,
        Float64Array.from(u, (x, i) => at.get(name)![i]! + sign * step * x),
      )
    return joined(evaluateGraph(graph, moved), 'out')
  }
  const [up, down] = [shifted(1), shifted(-1)]
  return up.map((x, i) => (x - down[i]!) / (2 * step))
}

function unit(size: number, index: number): Float64Array {
  const u = new Float64Array(size)
  u[index] = 1
  return u
}

const differentiableCases = opCases.filter(({ op }) => op in differentiableInputs)

describe.each(differentiableCases.map((c) => [`${c.op}: ${c.name}`, c] as const))('%s', (_, opCase) => {
  const inputs = makeInputs(opCase, 7)
  const results = evaluateGraph(buildGradientGraph(opCase), inputs)
  const dy = joined(inputs, 'dout')
  const wanted = gradientInputs(opCase)

  it('passes a gradient to the inputs that have one, in their shape, and to no other', () => {
    const given = [...results.keys()].filter((name) => name.startsWith('din'))
    expect(given).toEqual(wanted.map((i) => `din${i}`))
    for (const i of wanted) expect(results.get(`din${i}`)!.length).toBe(inputs.get(`in${i}`)!.length)
  })

  it.each(wanted)('agrees with finite differences for input %i', (i) => {
    const gradient = results.get(`din${i}`)!
    const rng = createRng(100 + i)
    const single = Array.from({ length: 3 }, () => unit(gradient.length, rng.integer(gradient.length)))
    for (const u of [normals(gradient.length, 50 + i), ...single])
      expectClose(inner(gradient, u), inner(dy, centralDifference(opCase, inputs, new Map([[`in${i}`, u]]))), `in${i}`)
  })

  it('is the transpose of the forward derivative: ⟨dy, J v⟩ = ⟨Jᵀ dy, v⟩', () => {
    const v = new Map(wanted.map((i) => [`in${i}`, normals(inputs.get(`in${i}`)!.length, 900 + i)]))
    const forward = inner(dy, centralDifference(opCase, inputs, v))
    const backward = wanted.reduce((sum, i) => sum + inner(results.get(`din${i}`)!, v.get(`in${i}`)!), 0)
    expectClose(backward, forward, 'inner product')
  })
})

describe('ops without a derivative', () => {
  const closed = (Object.keys(caseTable) as OpName[]).filter((op) => !(op in differentiableInputs))

  it.each(closed)('%s says that it is a gradient itself', (op) => {
    const opCase = opCases.find((c) => c.op === op)!
    expect(() => buildGradientGraph(opCase)).toThrow(
      expect.objectContaining({ code: 'unsupported', message: expect.stringContaining(`got ${op},`) }),
    )
  })

  it('can stand beside the path of a gradient', () => {
    const g = createGraphBuilder()
    const x = g.input('x', [2, 3])
    const constant = g.one('sumTo', [g.input('c', [4, 3])], { shape: [3] })
    const y = g.one('mul', [x, constant], {})
    const [dx] = differentiate(g, new Map([[y, g.input('dy', [2, 3])]]), [x])
    expect(dx?.shape).toEqual([2, 3])
  })
})
