import type { OpName, Shape } from '../../../main/engine/graph'
import { attention } from './attention-cases'
import { f32, i32, type CaseInput, type CaseRow, type Row } from './case-row'
import { below, cosine, listed, normal, sine, uniform } from './fills'

const seed = i32([1], listed(20240))

const linear: readonly Row<'linear'>[] = [
  { name: 'plain', inputs: [f32([5, 3]), f32([7, 3])], attributes: { alpha: 1 } },
  { name: 'one row, alpha', inputs: [f32([1, 4]), f32([2, 4])], attributes: { alpha: -0.75 } },
  { name: 'addend row', inputs: [f32([6, 5]), f32([3, 5]), f32([3])], attributes: { alpha: 1 } },
  { name: 'addend matrix, alpha', inputs: [f32([4, 9]), f32([11, 9]), f32([4, 11])], attributes: { alpha: 2.5 } },
  {
    name: 'as many rows as columns, addend row',
    inputs: [f32([3, 2]), f32([3, 2]), f32([3])],
    attributes: { alpha: 1 },
  },
]

const linearInputGrad: readonly Row<'linearInputGrad'>[] = [
  { name: 'plain', inputs: [f32([5, 7]), f32([7, 3])], attributes: { alpha: 1 } },
  { name: 'alpha, addend matrix', inputs: [f32([4, 2]), f32([2, 9]), f32([4, 9])], attributes: { alpha: 0.5 } },
  { name: 'addend row', inputs: [f32([2, 6]), f32([6, 5]), f32([5])], attributes: { alpha: 1 } },
]

const linearWeightGrad: readonly Row<'linearWeightGrad'>[] = [
  { name: 'plain', inputs: [f32([5, 7]), f32([5, 3])], attributes: { alpha: 1 } },
  { name: 'one row, alpha', inputs: [f32([1, 2]), f32([1, 9])], attributes: { alpha: -2 } },
]

/** Pairs that broadcast in every way that matters: not at all, a row, a column, a scalar, and both sides at once. */
const broadcastPairs: readonly (readonly [string, Shape, Shape])[] = [
  ['same shape', [3, 5], [3, 5]],
  ['row on the right', [4, 3], [3]],
  ['row on the left', [5], [2, 5]],
  ['column', [4, 1], [4, 7]],
  ['one number', [2, 3], [1]],
  ['both sides', [3, 1], [1, 4]],
  ['three axes', [2, 1, 3], [4, 1]],
]

const elementwise: readonly Row<'add' | 'mul'>[] = broadcastPairs.map(([name, a, b]) => ({
  name,
  inputs: [f32(a), f32(b)],
  attributes: {},
}))

/** Divisors of either sign, away from 0. */
const div: readonly Row<'div'>[] = broadcastPairs.map(([name, a, b], i) => ({
  name,
  inputs: [f32(a), f32(b, i % 2 ? uniform(0.4, 2) : uniform(-3, -0.5))],
  attributes: {},
}))

const rowNorm: readonly Row<'rowNorm'>[] = [
  { name: 'an update of rank 3', inputs: [f32([5, 7]), f32([5, 3]), f32([3, 7])], attributes: { alpha: 2 } },
  { name: 'of rank 1, wide rows', inputs: [f32([3, 131]), f32([3, 1]), f32([1, 131])], attributes: { alpha: -0.5 } },
  { name: 'none yet', inputs: [f32([4, 5]), f32([4, 2], listed(0)), f32([2, 5])], attributes: { alpha: 1 } },
]

const scale: readonly Row<'scale'>[] = [
  { name: 'a matrix', inputs: [f32([3, 5])], attributes: { factor: 4 } },
  { name: 'a vector, a negative fraction', inputs: [f32([7])], attributes: { factor: -0.3 } },
]

const sumTo: readonly Row<'sumTo'>[] = [
  { name: 'rows to one', inputs: [f32([6, 5])], attributes: { shape: [5] } },
  { name: 'columns to one', inputs: [f32([3, 7])], attributes: { shape: [3, 1] } },
  { name: 'everything', inputs: [f32([4, 3])], attributes: { shape: [1] } },
  { name: 'nothing', inputs: [f32([2, 3])], attributes: { shape: [2, 3] } },
  { name: 'outer and inner axes', inputs: [f32([2, 4, 3])], attributes: { shape: [4, 1] } },
]

const dropout: readonly Row<'dropout'>[] = [
  { name: 'rate 0', inputs: [f32([3, 5]), seed], attributes: { rate: 0, stream: 1 } },
  { name: 'rate 0.3', inputs: [f32([9, 7]), seed], attributes: { rate: 0.3, stream: 2 } },
  {
    name: 'rate 0.5, a seed and a stream above 2³⁰',
    inputs: [f32([4, 6]), i32([1], listed(2147483647))],
    attributes: { rate: 0.5, stream: 3000000000 },
  },
]

const rmsNorm: readonly Row<'rmsNorm'>[] = [
  { name: 'ordinary', inputs: [f32([5, 8]), f32([8])], attributes: { epsilon: 1e-6, offset: 0, heads: 1 } },
  {
    name: 'small rows, large epsilon',
    inputs: [f32([3, 7], normal(0.1)), f32([7])],
    attributes: { epsilon: 0.1, offset: 0, heads: 1 },
  },
  {
    name: 'one row of large numbers',
    inputs: [f32([1, 5], normal(30)), f32([5])],
    attributes: { epsilon: 1e-5, offset: 0, heads: 1 },
  },
  {
    name: 'weights that count from 1',
    inputs: [f32([4, 6]), f32([6], normal(0.1))],
    attributes: { epsilon: 1e-6, offset: 1, heads: 1 },
  },
  { name: 'three heads', inputs: [f32([5, 12]), f32([4])], attributes: { epsilon: 1e-6, offset: 0, heads: 3 } },
  {
    name: 'two heads, weights that count from 1',
    inputs: [f32([3, 10]), f32([5], normal(0.1))],
    attributes: { epsilon: 1e-5, offset: 1, heads: 2 },
  },
]

const layerNorm: readonly Row<'layerNorm'>[] = [
  { name: 'ordinary', inputs: [f32([5, 8]), f32([8]), f32([8])], attributes: { epsilon: 1e-5 } },
  { name: 'far from 0', inputs: [f32([3, 7], uniform(20, 22)), f32([7]), f32([7])], attributes: { epsilon: 1e-5 } },
  { name: 'small rows, large epsilon', inputs: [f32([1, 5], normal(0.1)), f32([5]), f32([5])], attributes: { epsilon: 0.1 } }, // prettier-ignore
]

const rotary = (rows: number, heads: number, half: number): readonly CaseInput[] => [
  f32([rows, heads * half * 2]),
  f32([rows, half], cosine(half)),
  f32([rows, half], sine(half)),
]

const rope: readonly Row<'rope'>[] = [
  { name: 'one head', inputs: rotary(5, 1, 2), attributes: { heads: 1, inverse: false } },
  { name: 'three heads', inputs: rotary(7, 3, 4), attributes: { heads: 3, inverse: false } },
  { name: 'inverse, odd half', inputs: rotary(4, 2, 3), attributes: { heads: 2, inverse: true } },
]

const prepend: readonly Row<'prepend'>[] = [
  { name: 'one sequence', inputs: [f32([5, 3]), f32([2, 3])], attributes: { batch: 1 } },
  { name: 'batch of 3', inputs: [f32([12, 5]), f32([7, 5])], attributes: { batch: 3 } },
]

const prependGrad: readonly Row<'prependGrad'>[] = [
  { name: 'one sequence', inputs: [f32([7, 3])], attributes: { batch: 1, rows: 2 } },
  { name: 'batch of 3', inputs: [f32([33, 5])], attributes: { batch: 3, rows: 7 } },
]

const slice: readonly Row<'slice'>[] = [
  { name: 'rows', inputs: [f32([6, 5])], attributes: { axis: 0, from: 2, to: 5 } },
  { name: 'columns', inputs: [f32([7, 9])], attributes: { axis: 1, from: 0, to: 4 } },
  { name: 'middle axis', inputs: [f32([3, 5, 2])], attributes: { axis: 1, from: 4, to: 5 } },
]

const pad: readonly Row<'pad'>[] = [
  { name: 'rows', inputs: [f32([3, 5])], attributes: { axis: 0, before: 2, after: 0 } },
  { name: 'columns', inputs: [f32([4, 3])], attributes: { axis: 1, before: 1, after: 5 } },
]

const concat: readonly Row<'concat'>[] = [
  { name: 'rows of two', inputs: [f32([3, 5]), f32([1, 5])], attributes: { axis: 0 } },
  { name: 'columns of eleven', inputs: Array.from({ length: 11 }, (_, i) => f32([3, 1 + (i % 3)])), attributes: { axis: 1 } }, // prettier-ignore
]

const replaceRows: readonly Row<'replaceRows'>[] = [
  { name: 'sequences', inputs: [f32([7, 3]), i32([7], listed(0, 1, 2, 3, 0, 1, 2)), f32([2, 3])], attributes: {} },
  { name: 'none', inputs: [f32([4, 5]), i32([4], listed(9, 3)), f32([3, 5])], attributes: {} },
]

const replaceRowsGrad: readonly Row<'replaceRowsGrad'>[] = [
  { name: 'sequences', inputs: [f32([7, 3]), i32([7], listed(0, 1, 2, 3, 0, 1, 2))], attributes: { rows: 2 } },
]

const activationNames = ['silu', 'relu', 'geluTanh', 'tanh', 'sigmoid'] as const

const activation: readonly Row<'activation'>[] = [
  ...activationNames.map((name) => ({ name, inputs: [f32([4, 7])], attributes: { activation: name } })),
  { name: 'large', inputs: [f32([3, 5], uniform(-40, 40))], attributes: { activation: 'geluTanh' } },
]

const gatedActivation: readonly Row<'gatedActivation'>[] = [
  { name: 'ordinary', inputs: [f32([4, 7]), f32([4, 7])], attributes: { activation: 'silu' } },
  { name: 'GELU', inputs: [f32([4, 7]), f32([4, 7])], attributes: { activation: 'geluTanh' } },
  { name: 'large gates', inputs: [f32([3, 5], uniform(-40, 40)), f32([3, 5])], attributes: { activation: 'silu' } },
]

const lstmCell: readonly Row<'lstmCell'>[] = [
  { name: 'ordinary', inputs: [f32([3, 20]), f32([3, 5])], attributes: {} },
  { name: 'the first step', inputs: [f32([1, 28])], attributes: {} },
  { name: 'saturated gates', inputs: [f32([2, 12], uniform(-40, 40)), f32([2, 3], normal(2))], attributes: {} },
]

const lstmCellGrad: readonly Row<'lstmCellGrad'>[] = (['both', 'hidden', 'cell'] as const).flatMap((of) =>
  lstmCell.map(({ name, inputs }) => {
    const [rows, gates] = inputs[0]!.shape as [number, number]
    const gradient = f32([rows, gates / 4])
    return {
      name: `${name}, ${of}`,
      inputs: [gradient, ...(of === 'both' ? [gradient] : []), ...inputs],
      attributes: { of },
    }
  }),
)

const embedding: readonly Row<'embedding'>[] = [
  { name: 'any ids', inputs: [i32([6], below(9)), f32([9, 4])], attributes: {} },
  { name: 'one id repeated', inputs: [i32([5], listed(2, 0, 2, 2, 1)), f32([3, 5])], attributes: {} },
  { name: 'scaled', inputs: [i32([4], below(3)), f32([3, 5])], attributes: { factor: 2.5 } },
]

const embeddingGrad: readonly Row<'embeddingGrad'>[] = [
  { name: 'any ids', inputs: [f32([6, 4]), i32([6], below(9))], attributes: { rows: 9 } },
  { name: 'one id repeated', inputs: [f32([5, 3]), i32([5], listed(2, 0, 2, 2, 1))], attributes: { rows: 4 } },
  { name: 'scaled', inputs: [f32([6, 3]), i32([6], below(4))], attributes: { rows: 5, factor: -1.5 } },
]

const lossHead: readonly Row<'lossHead'>[] = [
  {
    name: 'every row trained',
    inputs: [f32([5, 4]), f32([11, 4]), i32([5], below(11)), f32([5], uniform(0.1, 1))],
    attributes: {},
  },
  {
    name: 'ignored labels and weights of 0',
    inputs: [
      f32([6, 3]),
      f32([7, 3]),
      i32([6], listed(-100, 6, 0, -1, 3, 2)),
      f32([6], listed(1, 0.25, 0, 0.5, 0.25, 0)),
    ],
    attributes: {},
  },
  {
    name: 'sharp logits',
    inputs: [f32([3, 5], normal(4)), f32([6, 5], normal(4)), i32([3], listed(5, 0, 2)), f32([3], listed(0.5))],
    attributes: {},
  },
  {
    name: 'nothing trained',
    inputs: [f32([2, 3]), f32([4, 3]), i32([2], listed(-100)), f32([2], listed(0.5))],
    attributes: {},
  },
]

/** The cases of an op as cases of one of its gradients: that takes the output's gradient, then the op's inputs. */
const gradientCases = <Attributes>(
  cases: readonly CaseRow<Attributes>[],
  outputShape: (inputs: readonly CaseInput[]) => Shape,
  inputs: (inputs: readonly CaseInput[]) => readonly CaseInput[] = (all) => all,
): readonly CaseRow<Attributes>[] =>
  cases.map((row) => ({ ...row, inputs: [f32(outputShape(row.inputs)), ...inputs(row.inputs)] }))

const likeFirst = (inputs: readonly CaseInput[]): Shape => inputs[0]!.shape

/** Every op's cases. Odd sizes throughout: a back end that rounds sizes up must show that it masks the rest. */
export const caseTable: { readonly [Op in OpName]: readonly Row<Op>[] } = {
  linear,
  linearInputGrad,
  linearWeightGrad,
  add: elementwise,
  mul: elementwise,
  div,
  scale,
  sumTo,
  rowNorm,
  dropout,
  rmsNorm,
  rmsNormInputGrad: gradientCases(rmsNorm, likeFirst),
  rmsNormWeightGrad: gradientCases(rmsNorm, likeFirst, (inputs) => inputs.slice(0, 1)),
  layerNorm,
  layerNormInputGrad: gradientCases(layerNorm, likeFirst, (inputs) => inputs.slice(0, 2)),
  layerNormWeightGrad: gradientCases(layerNorm, likeFirst, (inputs) => inputs.slice(0, 1)),
  rope,
  attention,
  attentionGrad: gradientCases(attention, likeFirst),
  prepend,
  prependGrad,
  slice,
  pad,
  concat,
  replaceRows,
  replaceRowsGrad,
  activation,
  activationGrad: gradientCases(activation, likeFirst),
  gatedActivation,
  gatedActivationGrad: gradientCases(gatedActivation, likeFirst),
  lstmCell,
  lstmCellGrad,
  embedding,
  embeddingGrad,
  lossHead,
  lossHeadInputGrad: gradientCases(lossHead, () => [1]),
  lossHeadTableGrad: gradientCases(lossHead, () => [1]),
}
