import { describe, expect, it } from 'vitest'
import { evaluateGraph, kernels } from '../../../main/engine/backends/reference'
import {
  createGraphBuilder,
  elements,
  type DType,
  type OpAttributes,
  type OpName,
  type Shape,
} from '../../../main/engine/graph'
import { buildGraph, makeInputs, opCases } from './op-cases'

describe.each(opCases.map((c) => [`${c.op}: ${c.name}`, c] as const))('%s', (_, opCase) => {
  it('makes outputs of the sizes that the shape rule says, all finite', () => {
    const graph = buildGraph(opCase)
    const results = evaluateGraph(graph, makeInputs(opCase, 3))
    for (const { name, value } of graph.outputs) {
      expect(results.get(name)).toHaveLength(elements(value.shape))
      expect(results.get(name)!.every(Number.isFinite)).toBe(true)
    }
  })
})

interface Mistake<Op extends OpName> {
  readonly op: Op
  readonly inputs: readonly (Shape | readonly [Shape, DType])[]
  readonly attributes: OpAttributes[Op]
  /** What the message says after the op's name. */
  readonly says: string
}

const mistake = <Op extends OpName>(
  op: Op,
  inputs: Mistake<Op>['inputs'],
  attributes: OpAttributes[Op],
  says: string,
): Mistake<OpName> => ({ op, inputs, attributes, says })

const ids = (n: number): readonly [Shape, DType] => [[n], 'i32']
const norm = { epsilon: 0, offset: 0, heads: 1 } as const
const heads = { batch: 1, heads: 2, kvHeads: 1, scale: 1, causal: false, prefix: 0, window: 0 }

const mistakes: readonly Mistake<OpName>[] = [
  mistake('linear', [[2, 3]], { alpha: 1 }, 'expected input 1, got 1 inputs'),
  mistake('linear', [[2, 3], [3]], { alpha: 1 }, 'input 1: expected rank 2, got [3]'),
  mistake('linear', [ids(3), [4, 3]], { alpha: 1 }, 'input 0: expected rank 2, got [3]'),
  mistake(
    'linear',
    [
      [2, 3],
      [4, 5],
    ],
    { alpha: 1 },
    'weight: expected 3 along axis 1, got [4, 5]',
  ),
  mistake('linear', [[2, 3], [4, 3], [3]], { alpha: 1 }, 'addend: expected [4], got [3]'),
  mistake(
    'linear',
    [
      [2, 3],
      [4, 3],
      [1, 4],
    ],
    { alpha: 1 },
    'addend: expected [2, 4], got [1, 4]',
  ),
  mistake('linear', [[2, 3], [4, 3], ids(4)], { alpha: 1 }, 'addend: expected f32, got i32'),
  mistake(
    'linearInputGrad',
    [
      [2, 3],
      [4, 5],
    ],
    { alpha: 1 },
    'weight: expected 3 along axis 0, got [4, 5]',
  ),
  mistake(
    'linearWeightGrad',
    [
      [2, 3],
      [4, 5],
    ],
    { alpha: 1 },
    'x: expected 2 rows, got 4',
  ),
  mistake('add', [[2, 3], [2]], {}, 'expected shapes that broadcast, got [2, 3] and [2]'),
  mistake('mul', [[2], ids(2)], {}, 'expected two inputs of one type'),
  mistake('mul', [[2]], {}, 'expected two inputs of one type'),
  mistake('div', [[2, 3], [2]], {}, 'expected shapes that broadcast, got [2, 3] and [2]'),
  mistake(
    'rowNorm',
    [
      [4, 3],
      [5, 2],
      [2, 3],
    ],
    { alpha: 1 },
    'b: expected [4, 2], got [5, 2]',
  ),
  mistake(
    'rowNorm',
    [
      [4, 3],
      [4, 2],
      [2, 5],
    ],
    { alpha: 1 },
    'a: expected [2, 3], got [2, 5]',
  ),
  mistake('scale', [], { factor: 2 }, 'expected an input'),
  mistake('sumTo', [[2, 3]], { shape: [2] }, 'expected shapes that broadcast, got [2, 3] and [2]'),
  mistake('sumTo', [[1, 3]], { shape: [2, 3] }, 'expected what [2, 3] broadcasts to, got [1, 3]'),
  mistake('lstmCell', [[2, 6]], {}, 'gates: expected a multiple of 4 columns, got 6'),
  mistake(
    'lstmCell',
    [
      [2, 8],
      [2, 3],
    ],
    {},
    'cell: expected [2, 2], got [2, 3]',
  ),
  mistake(
    'lstmCellGrad',
    [
      [1, 2],
      [2, 8],
    ],
    { of: 'cell' },
    'gradient: expected [2, 2], got [1, 2]',
  ),
  mistake('dropout', [[2, 3], ids(2)], { rate: 0, stream: 0 }, 'seed: expected [1], got [2]'),
  mistake('dropout', [[2, 3], [1]], { rate: 0, stream: 0 }, 'seed: expected i32, got f32'),
  mistake('rmsNorm', [[2, 3], [2]], norm, 'weight: expected [3], got [2]'),
  mistake('rmsNorm', [[2, 3]], norm, 'weight: expected [3], got nothing'),
  mistake('rmsNorm', [[2, 6], [6]], { ...norm, heads: 2 }, 'weight: expected [3], got [6]'),
  mistake('rmsNorm', [[2, 5], [5]], { ...norm, heads: 2 }, 'expected a multiple of 2 columns, got 5'),
  mistake('rmsNormInputGrad', [[2, 2], [2, 3], [3]], norm, 'dy: expected [2, 3], got [2, 2]'),
  mistake(
    'rmsNormWeightGrad',
    [
      [3, 3],
      [2, 3],
    ],
    norm,
    'dy: expected [2, 3], got [3, 3]',
  ),
  mistake('layerNorm', [[2, 3], [3]], { epsilon: 0 }, 'bias: expected [3], got nothing'),
  mistake('layerNorm', [[2, 3], [2], [3]], { epsilon: 0 }, 'weight: expected [3], got [2]'),
  mistake('layerNormInputGrad', [[2, 3], [2, 3], [2]], { epsilon: 0 }, 'weight: expected [3], got [2]'),
  mistake(
    'layerNormWeightGrad',
    [
      [2, 2],
      [2, 3],
    ],
    { epsilon: 0 },
    'dy: expected [2, 3], got [2, 2]',
  ),
  mistake('rope', [[2, 6]], { heads: 2, inverse: false }, 'expected 2 heads of even size, got 6 columns'),
  mistake(
    'rope',
    [
      [2, 8],
      [2, 2],
      [1, 2],
    ],
    { heads: 2, inverse: false },
    'sin: expected [2, 2], got [1, 2]',
  ),
  mistake(
    'attention',
    [
      [2, 3],
      [2, 2],
      [2, 2],
    ],
    heads,
    'queries: expected a multiple of 2 columns, got 3',
  ),
  mistake(
    'attention',
    [
      [2, 3],
      [2, 2],
    ],
    { ...heads, heads: 3, kvHeads: 2 },
    'heads: expected a multiple of 2, got 3',
  ),
  mistake(
    'attention',
    [
      [2, 8],
      [2, 2],
      [2, 2],
    ],
    heads,
    'keys: expected width 4, got 2',
  ),
  mistake(
    'attention',
    [
      [2, 8],
      [2, 4],
      [3, 4],
    ],
    heads,
    'values: expected [2, 4], got [3, 4]',
  ),
  mistake(
    'attention',
    [
      [2, 8],
      [3, 4],
      [3, 4],
    ],
    { ...heads, batch: 2 },
    'expected 2 sequences of one length, got [3, 4]',
  ),
  mistake('attention', [[2, 8], [3, 4], [3, 4], ids(3)], heads, 'first: expected [2], got [3]'),
  mistake('attention', [[2, 8], [3, 4], [3, 4], ids(2), [2]], heads, 'last: expected i32, got f32'),
  mistake('attentionGrad', [[2, 4], [2, 8], [3, 4], [3, 4], ids(2), ids(2)], heads, 'dy: expected [2, 8], got [2, 4]'),
  mistake('attention', [[2, 8], [3, 4], [3, 4], ids(2), ids(2)], { ...heads, prefix: 4 }, 'keys: expected at least 4 a sequence, got [3, 4]'), // prettier-ignore
  mistake('prepend', [[5, 3], [2, 3]], { batch: 2 }, 'expected 2 sequences of one length, got [5, 3]'), // prettier-ignore
  mistake('prepend', [[4, 3], [2, 4]], { batch: 2 }, 'rows: expected 3 columns, got [2, 4]'), // prettier-ignore
  mistake('prependGrad', [[7, 3]], { batch: 2, rows: 3 }, 'expected 2 sequences with 3 rows in front, got [7, 3]'),
  mistake('slice', [[4, 3]], { axis: 1, from: 2, to: 4 }, 'expected a part of axis 1, got 2 to 4 of [4, 3]'),
  mistake(
    'pad',
    [[4, 3]],
    { axis: 2, before: 1, after: 0 },
    'expected an axis of [4, 3] and sizes from 0, got 2: 1, 0',
  ),
  mistake('concat', [[4, 3], [4, 2]], { axis: 0 }, 'input: expected [4, 3], got [4, 2]'), // prettier-ignore
  mistake('replaceRows', [[4, 3], ids(3)], {}, 'places: expected [4], got [3]'),
  mistake('replaceRows', [[4, 3], ids(4), [2, 2]], {}, 'table: expected 3 columns, got [2, 2]'),
  mistake('replaceRowsGrad', [[4, 3], ids(3)], { rows: 2 }, 'places: expected [4], got [3]'),
  mistake('activation', [], { activation: 'tanh' }, 'expected an input'),
  mistake('activationGrad', [[4, 3], [4, 2]], { activation: 'tanh' }, 'x: expected [4, 3], got [4, 2]'), // prettier-ignore
  mistake(
    'gatedActivation',
    [
      [2, 3],
      [3, 2],
    ],
    { activation: 'silu' },
    'up: expected [2, 3], got [3, 2]',
  ),
  mistake(
    'gatedActivationGrad',
    [
      [2, 3],
      [2, 3],
    ],
    { activation: 'silu' },
    'up: expected [2, 3], got nothing',
  ),
  mistake('embedding', [[2], [4, 3]], {}, 'input 0: expected i32, got f32'),
  mistake('embeddingGrad', [[2, 3], ids(3)], { rows: 4 }, 'ids: expected [2], got [3]'),
  mistake(
    'lossHead',
    [
      [2, 3],
      [5, 4],
    ],
    {},
    'table: expected 3 columns, got [5, 4]',
  ),
  mistake('lossHead', [[2, 3], [5, 3], ids(3)], {}, 'labels: expected [2], got [3]'),
  mistake('lossHead', [[2, 3], [5, 3], ids(2), ids(2)], {}, 'weight: expected f32, got i32'),
  mistake('lossHeadInputGrad', [[2], [2, 3]], {}, 'dLoss: expected [1], got [2]'),
  mistake('lossHeadTableGrad', [[1], [2, 3], [5, 3], ids(2), [3]], {}, 'weight: expected [2], got [3]'),
]

describe('shape mistakes', () => {
  it.each(mistakes)('$op: $says', ({ op, inputs, attributes, says }) => {
    const g = createGraphBuilder()
    const values = inputs.map((input, i) => {
      const [shape, dtype] = Array.isArray(input[0])
        ? (input as readonly [Shape, DType])
        : [input as Shape, 'f32' as const]
      return g.input(`in${i}`, shape, dtype)
    })
    expect(() => g.apply(op, values, attributes)).toThrow(
      expect.objectContaining({ code: 'shape-mismatch', message: `${op}: ${says}`, details: { op } }),
    )
    expect(g.nodes).toEqual([])
  })

  it('covers every op', () => {
    expect(new Set(mistakes.map(({ op }) => op))).toEqual(new Set(Object.keys(kernels)))
  })
})
