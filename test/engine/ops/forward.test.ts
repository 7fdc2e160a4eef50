import { describe, expect, it } from 'vitest'
import { evaluateGraph } from '../../../main/engine/backends/reference'
import { createGraphBuilder, type OpAttributes, type OpName, type Shape } from '../../../main/engine/graph'
import { buildGraph, makeInputs, normals, opCases, type OpCase } from './op-cases'

type Data = Float64Array | Int32Array
type Argument = readonly [Shape, Data]

/** One op by itself: data in, the first output's data out. */
function run<Op extends OpName>(op: Op, args: readonly Argument[], attributes: OpAttributes[Op]): number[] {
  const g = createGraphBuilder()
  const values = args.map(([shape, data], i) => g.input(`in${i}`, shape, data instanceof Int32Array ? 'i32' : 'f32'))
  g.output('out', g.one(op, values, attributes))
  return [...evaluateGraph(g.graph(), new Map(args.map(([, data], i) => [`in${i}`, data]))).get('out')!]
}

const floats = (...values: readonly number[]): Float64Array => Float64Array.from(values)
const ints = (...values: readonly number[]): Int32Array => Int32Array.from(values)
const random = (shape: Shape, seed: number): Argument => [
  shape,
  normals(
    shape.reduce((a, b) => a * b, 1),
    seed,
  ),
]

function expectAllClose(actual: readonly number[], expected: readonly number[]): void {
  expect(actual.length).toBe(expected.length)
  actual.forEach((value, i) => expect(value).toBeCloseTo(expected[i]!, 10))
}

function casesOf(op: OpName): [string, OpCase][] {
  return opCases.filter((c) => c.op === op).map((c) => [c.name, c])
}

const outputs = (opCase: OpCase, seed = 1) => evaluateGraph(buildGraph(opCase), makeInputs(opCase, seed))

describe('products', () => {
  const x: Argument = [[2, 2], floats(1, 2, 3, 4)]
  const w: Argument = [[3, 2], floats(1, 0, 0, 1, 1, -1)]

  it('linear is α x wᵀ plus a row or a matrix', () => {
    expect(run('linear', [x, w], { alpha: 1 })).toEqual([1, 2, -1, 3, 4, -1])
    expect(run('linear', [x, w, [[3], floats(10, 20, 30)]], { alpha: 2 })).toEqual([12, 24, 28, 16, 28, 28])
    expect(run('linear', [x, w, [[2, 3], floats(1, 2, 3, 4, 5, 6)]], { alpha: 0 })).toEqual([1, 2, 3, 4, 5, 6])
  })

  it('the gradients are the products with the other factor', () => {
    const dy: Argument = [[2, 3], floats(1, 0, 2, 0, 1, 0)]
    expect(run('linearInputGrad', [dy, w], { alpha: 1 })).toEqual([3, -2, 0, 1])
    expect(run('linearInputGrad', [dy, w, [[2], floats(1, 1)]], { alpha: -1 })).toEqual([-2, 3, 1, 0])
    expect(run('linearWeightGrad', [dy, x], { alpha: 0.5 })).toEqual([0.5, 1, 1.5, 2, 1, 2])
  })
})

describe('elementwise', () => {
  it('broadcasts as NumPy does', () => {
    const column: Argument = [[2, 1], floats(1, 2)]
    const line: Argument = [[3], floats(10, 20, 30)]
    expect(run('add', [column, line], {})).toEqual([11, 21, 31, 12, 22, 32])
    expect(run('mul', [line, column], {})).toEqual([10, 20, 30, 20, 40, 60])
    const cube: Argument = [[2, 1, 2], floats(1, 2, 3, 4)]
    expect(run('add', [cube, [[2, 1], floats(10, 20)]], {})).toEqual([11, 12, 21, 22, 13, 14, 23, 24])
  })

  it('scale multiplies', () => {
    expect(run('scale', [[[3], floats(1, -2, 4)]], { factor: -0.5 })).toEqual([-0.5, 1, -2])
  })

  it.each(casesOf('sumTo'))('sumTo is the transpose of broadcasting: %s', (_, opCase) => {
    const { shape } = opCase.attributes as OpAttributes['sumTo']
    const full = opCase.inputs[0]!.shape
    const [x, y] = [random(full, 1), random(shape, 2)]
    const spread = run('add', [[full, new Float64Array(x[1].length)], y], {})
    const summed = run('sumTo', [x], { shape })
    const there = spread.reduce((sum, value, i) => sum + value * x[1][i]!, 0)
    const back = summed.reduce((sum, value, i) => sum + value * y[1][i]!, 0)
    expect(there).toBeCloseTo(back, 10)
  })

  it('silu(x) − silu(−x) = x, and the up half is a factor', () => {
    const gate = normals(6, 4)
    const up: Argument = [[2, 3], floats(1, 1, 1, 2, 2, 2)]
    const plus = run('gatedActivation', [[[2, 3], gate], up], { activation: 'silu' })
    const minus = run('gatedActivation', [[[2, 3], gate.map((x) => -x)], up], { activation: 'silu' })
    expectAllClose(
      plus.map((y, i) => y - minus[i]!),
      [...gate].map((x, i) => x * up[1][i]!),
    )
    expect(
      run(
        'gatedActivation',
        [
          [[1, 1], floats(-800)],
          [[1, 1], floats(3)],
        ],
        { activation: 'silu' },
      )[0],
    ).toBeCloseTo(0)
  })
})

describe('dropout', () => {
  const x = new Float64Array(20_000).fill(3)
  const drop = (rate: number, seed: number, stream: number): number[] =>
    run(
      'dropout',
      [
        [[100, 200], x],
        [[1], ints(seed)],
      ],
      { rate, stream },
    )

  it('rate 0 changes nothing', () => expect(drop(0, 5, 1)).toEqual([...x]))

  it('keeps the share 1 − rate, scaled so that the mean stays', () => {
    const y = drop(0.3, 5, 1)
    const kept = y.filter((value) => value !== 0)
    expect(new Set(kept)).toEqual(new Set([3 / 0.7]))
    expect(kept.length / y.length).toBeCloseTo(0.7, 1.7)
  })

  it('the mask depends on seed and stream, and on nothing else', () => {
    expect(drop(0.3, 5, 1)).toEqual(drop(0.3, 5, 1))
    const share = (a: number[], b: number[]): number => a.filter((v, i) => v !== 0 && b[i] !== 0).length / a.length
    // Independent masks overlap in 0.7².
    expect(share(drop(0.3, 5, 1), drop(0.3, 6, 1))).toBeCloseTo(0.49, 1.7)
    expect(share(drop(0.3, 5, 1), drop(0.3, 5, 2))).toBeCloseTo(0.49, 1.7)
  })
})

describe('rmsNorm', () => {
  const norm = (x: Argument, w: Argument, { epsilon = 0, offset = 0 as 0 | 1, heads = 1 } = {}): number[] =>
    run('rmsNorm', [x, w], { epsilon, offset, heads })
  const ones: Argument = [[6], new Float64Array(6).fill(1)]
  const x = normals(12, 3)
  const y = norm([[2, 6], x], ones)

  it('makes the mean square of a row 1 whatever its size, then weighs the columns', () => {
    for (const half of [y.slice(0, 6), y.slice(6)])
      expect(half.reduce((sum, value) => sum + value * value, 0) / 6).toBeCloseTo(1, 12)
    expectAllClose(norm([[2, 6], x.map((v) => 50 * v)], ones), y)
    const w = normals(6, 9)
    expectAllClose(
      norm([[2, 6], x], [[6], w]),
      y.map((value, i) => value * w[i % 6]!),
    )
  })

  it('adds epsilon to the mean square', () => {
    expectAllClose(norm([[1, 2], floats(3, 4)], [[2], floats(1, 2)], { epsilon: 3.5 }), [0.75, 2])
  })

  it('a weight may count from 1, and heads are normalised as rows would be', () => {
    expectAllClose(norm([[2, 6], x], [[6], new Float64Array(6)], { offset: 1 }), y)
    expectAllClose(norm([[1, 12], x], ones, { heads: 2 }), y)
  })
})

describe('layerNorm', () => {
  const norm = (x: Argument, w: Argument, b: Argument, epsilon = 0): number[] =>
    run('layerNorm', [x, w, b], { epsilon })

  it('makes mean 0 and variance 1 of a row wherever it lies, then weighs and shifts the columns', () => {
    const x = normals(12, 3)
    const [ones, zeros]: Argument[] = [[[6], new Float64Array(6).fill(1)], [[6], new Float64Array(6)]] // prettier-ignore
    const y = norm([[2, 6], x], ones!, zeros!)
    for (const half of [y.slice(0, 6), y.slice(6)]) {
      expect(half.reduce((sum, value) => sum + value, 0)).toBeCloseTo(0, 12)
      expect(half.reduce((sum, value) => sum + value * value, 0) / 6).toBeCloseTo(1, 12)
    }
    expectAllClose(norm([[2, 6], x.map((v) => 50 * v - 7)], ones!, zeros!), y)
    const [w, b] = [normals(6, 9), normals(6, 10)]
    expectAllClose(
      norm([[2, 6], x], [[6], w], [[6], b]),
      y.map((value, i) => value * w[i % 6]! + b[i % 6]!),
    )
  })

  it('adds epsilon to the variance', () => {
    expectAllClose(norm([[1, 2], floats(3, 7)], [[2], floats(1, 2)], [[2], floats(0, 1)], 12), [-0.5, 2])
  })
})

describe('rope', () => {
  it('turns the pair (i, i + D/2) by the angle of its row', () => {
    const [c, s] = [Math.cos(0.3), Math.sin(0.3)]
    const angles: Argument[] = [[[1, 2], floats(c, 1)], [[1, 2], floats(s, 0)]] // prettier-ignore
    const x: Argument = [[1, 8], floats(1, 5, 0, 6, 0, 7, 1, 8)]
    expectAllClose(run('rope', [x, ...angles], { heads: 2, inverse: false }), [c, 5, s, 6, -s, 7, c, 8])
  })

  it.each(casesOf('rope'))('turning back restores the input: %s', (_, opCase) => {
    const inputs = makeInputs(opCase, 2)
    const { heads, inverse } = opCase.attributes as OpAttributes['rope']
    const [x, cos, sin] = opCase.inputs.map(({ shape }, i): Argument => [shape, inputs.get(`in${i}`)!]) as [Argument, Argument, Argument] // prettier-ignore
    const turned = Float64Array.from(run('rope', [x, cos, sin], { heads, inverse }))
    const restored = run('rope', [[x[0], turned], cos, sin], { heads, inverse: !inverse })
    restored.forEach((value, i) => expect(value).toBeCloseTo(x[1][i]!, 6))
  })
})

/** Attention as a dense masked softmax over all keys of all sequences, written out for one element. */
function denseAttention({ inputs, attributes }: OpCase, data: ReadonlyMap<string, Data>): number[] {
  const { batch, heads, kvHeads, scale, prefix, window } = attributes as OpAttributes['attention']
  const [q, k, v, first, last] = [0, 1, 2, 3, 4].map((i) => data.get(`in${i}`)!) as [Data, Data, Data, Data, Data]
  const [queries, width] = inputs[0]!.shape as [number, number]
  const [keys] = inputs[1]!.shape as [number]
  const d = width / heads
  return Array.from({ length: q.length }, (_, element) => {
    const [n, h, column] = [Math.floor(element / width), Math.floor((element % width) / d), element % d]
    const exponentials = Array.from({ length: keys }, (_, j) => {
      const sameSequence = Math.floor(n / (queries / batch)) === Math.floor(j / (keys / batch))
      const place = (j % (keys / batch)) - prefix
      // A prefix stands right before the first key that the query may see.
      const distance = last[n]! - place - (place < 0 ? first[n]! : 0)
      const inRange = place < 0 || (place >= first[n]! && place <= last[n]!)
      if (!sameSequence || !inRange || (window > 0 && distance >= window)) return 0
      let score = 0
      for (let i = 0; i < d; i++) score += q[n * width + h * d + i]! * k[(j * kvHeads + Math.floor((h * kvHeads) / heads)) * d + i]! // prettier-ignore
      return Math.exp(scale * score)
    })
    const total = exponentials.reduce((a, b) => a + b)
    const value = (j: number): number => v[(j * kvHeads + Math.floor((h * kvHeads) / heads)) * d + column]!
    return exponentials.reduce((sum, e, j) => sum + (e / total) * value(j), 0)
  })
}

describe('attention', () => {
  it.each(casesOf('attention'))('equals a dense masked softmax: %s', (_, opCase) => {
    const data = makeInputs(opCase, 5)
    expectAllClose([...evaluateGraph(buildGraph(opCase), data).get('out0')!], denseAttention(opCase, data))
  })

  it('a query that sees one key returns that key’s value, one that sees none returns 0', () => {
    const v = floats(1, 2, 3, 4, 5, 6)
    const seen: Argument[] = [[[2], ints(2, 1)], [[2], ints(2, 0)]] // prettier-ignore
    const attributes = { batch: 1, heads: 1, kvHeads: 1, scale: 1, causal: false, prefix: 0, window: 0 }
    expect(run('attention', [random([2, 2], 1), random([3, 2], 2), [[3, 2], v], ...seen], attributes)).toEqual([
      5, 6, 0, 0,
    ])
  })
})

describe('lstmCell', () => {
  it('keeps what the forget gate lets through, adds what the input gate lets in, shows what the output gate shows', () => {
    const [open, shut] = [50, -50]
    const step = (input: number, forget: number, output: number): Map<string, Float64Array> => {
      const g = createGraphBuilder()
      const [h, c] = g.apply('lstmCell', [g.input('z', [1, 4]), g.input('c', [1, 1])], {})
      g.output('h', h!)
      g.output('c', c!)
      const z = floats(input, forget, 0.4, output)
      return evaluateGraph(g.graph(), new Map([['z', z], ['c', floats(0.7)]])) // prettier-ignore
    }
    const values = (results: Map<string, Float64Array>): number[] => [results.get('h')![0]!, results.get('c')![0]!]
    expectAllClose(values(step(shut, open, open)), [Math.tanh(0.7), 0.7])
    expectAllClose(values(step(open, shut, open)), [Math.tanh(Math.tanh(0.4)), Math.tanh(0.4)])
    expectAllClose(values(step(open, open, shut)), [0, 0.7 + Math.tanh(0.4)])
  })

  it('begins as if the cell were 0', () => {
    const z = random([2, 12], 3)
    const zero: Argument = [[2, 3], new Float64Array(6)]
    expectAllClose(run('lstmCell', [z], {}), run('lstmCell', [z, zero], {}))
  })

  it('a gradient that is not there counts as 0', () => {
    const [z, c, d] = [random([2, 12], 3), random([2, 3], 4), random([2, 3], 5)]
    const zero: Argument = [[2, 3], new Float64Array(6)]
    const grad = (of: 'both' | 'hidden' | 'cell', ...given: Argument[]): number[] =>
      run('lstmCellGrad', [...given, z, c], { of })
    expectAllClose(grad('hidden', d), grad('both', d, zero))
    expectAllClose(grad('cell', d), grad('both', zero, d))
  })
})

describe('embedding', () => {
  it.each(casesOf('embedding'))('is the product with one-hot rows, and so is its gradient: %s', (_, opCase) => {
    const data = makeInputs(opCase, 4)
    const [ids, table] = [data.get('in0') as Int32Array, data.get('in1') as Float64Array]
    const [rows, width] = opCase.inputs[1]!.shape as [number, number]
    const { factor = 1 } = opCase.attributes as OpAttributes['embedding']
    const oneHot = Float64Array.from({ length: ids.length * rows }, (_, i) =>
      ids[Math.floor(i / rows)] === i % rows ? 1 : 0,
    )
    const hot: Argument = [[ids.length, rows], oneHot]
    expectAllClose(
      [...outputs(opCase, 4).get('out0')!],
      run('linearInputGrad', [hot, [[rows, width], table]], { alpha: factor }),
    )
    const dy = random([ids.length, width], 8)
    expectAllClose(
      run('embeddingGrad', [dy, [[ids.length], ids]], { rows, factor }),
      run('linearWeightGrad', [hot, dy], { alpha: factor }),
    )
  })

  it.each([-1, 3])('refuses the id %i of a table of 3 rows', (id) => {
    expect(() => run('embedding', [[[1], ints(id)], random([3, 2], 1)], {})).toThrow(
      /row 0: expected an id from 0 to 2/,
    )
    expect(() => run('embeddingGrad', [random([1, 2], 1), [[1], ints(id)]], { rows: 3 })).toThrow(/from 0 to 2/)
  })
})

describe('lossHead', () => {
  it('is Σ weight · ln V where every word is equally likely', () => {
    const zero: Argument = [[3, 2], new Float64Array(6)]
    const loss = run('lossHead', [zero, random([5, 2], 1), [[3], ints(0, -100, 4)], [[3], floats(1, 9, 0.5)]], {})
    expectAllClose(loss, [1.5 * Math.log(5)])
  })

  it.each(casesOf('lossHead'))('equals the negative log of the softmax of linear’s logits: %s', (_, opCase) => {
    const data = makeInputs(opCase, 6)
    const [x, table] = [0, 1].map((i): Argument => [opCase.inputs[i]!.shape, data.get(`in${i}`)!]) as [
      Argument,
      Argument,
    ]
    const logits = run('linear', [x, table], { alpha: 1 })
    const vocabulary = table[0][0]!
    const expected = [...data.get('in2')!].reduce((sum, label, n) => {
      const exponentials = logits.slice(n * vocabulary, (n + 1) * vocabulary).map(Math.exp)
      const probability = exponentials[label]! / exponentials.reduce((a, b) => a + b)
      return label < 0 ? sum : sum - data.get('in3')![n]! * Math.log(probability)
    }, 0)
    expectAllClose([...outputs(opCase, 6).get('out0')!], [expected])
  })

  it('survives logits that overflow an exponential', () => {
    const loss = run(
      'lossHead',
      [
        [[1, 1], floats(1)],
        [[2, 1], floats(900, 1000)],
        [[1], ints(0)],
        [[1], floats(1)],
      ],
      {},
    )
    expect(loss).toEqual([100])
  })
})

describe('evaluateGraph', () => {
  it('names the input that is missing or too small', () => {
    const g = createGraphBuilder()
    g.output('y', g.one('add', [g.input('a', [2]), g.input('b', [2])], {}))
    const a: [string, Data] = ['a', floats(1, 2)]
    expect(() => evaluateGraph(g.graph(), new Map([a]))).toThrow(/input b: expected 2 numbers for \[2\], got nothing/)
    expect(() => evaluateGraph(g.graph(), new Map([a, ['b', floats(1)]]))).toThrow(/got 1;/)
  })
})
