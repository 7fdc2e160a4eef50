import { GraftError } from '../errors'
import { elements, sameShape, shapeText, type DType, type Shape, type Value } from './graph'
import type { OpAttributes, OpName } from './ops'

export interface TensorType {
  readonly shape: Shape
  readonly dtype: DType
}

type ShapeRule<Op extends OpName> = (inputs: readonly Value[], attributes: OpAttributes[Op]) => readonly TensorType[]

const f32 = (...shape: number[]): TensorType => ({ shape, dtype: 'f32' })
const like = (value: Value): TensorType => ({ shape: value.shape, dtype: value.dtype })

function fail(op: OpName, message: string): never {
  throw new GraftError('shape-mismatch', `${op}: ${message}`, { op })
}

/** The i-th input, checked for rank and type. */
function input(op: OpName, inputs: readonly Value[], index: number, rank: number, dtype: DType = 'f32'): Value {
  const value = inputs[index]
  if (!value) fail(op, `expected input ${index}, got ${inputs.length} inputs`)
  if (value.shape.length !== rank) fail(op, `input ${index}: expected rank ${rank}, got ${shapeText(value.shape)}`)
  if (value.dtype !== dtype) fail(op, `input ${index}: expected ${dtype}, got ${value.dtype}`)
  return value
}

function expectShape(op: OpName, what: string, value: Value | undefined, shape: Shape, dtype: DType = 'f32'): void {
  if (!value || !sameShape(value.shape, shape))
    fail(op, `${what}: expected ${shapeText(shape)}, got ${value ? shapeText(value.shape) : 'nothing'}`)
  if (value.dtype !== dtype) fail(op, `${what}: expected ${dtype}, got ${value.dtype}`)
}

const dim = (value: Value, axis: number): number => value.shape[axis] ?? 1

/** NumPy's broadcasting. */
export function broadcastShape(op: OpName, a: Shape, b: Shape): Shape {
  const rank = Math.max(a.length, b.length)
  return Array.from({ length: rank }, (_, i) => {
    const x = a[a.length - rank + i] ?? 1
    const y = b[b.length - rank + i] ?? 1
    if (x !== y && x !== 1 && y !== 1)
      fail(op, `expected shapes that broadcast, got ${shapeText(a)} and ${shapeText(b)}`)
    return Math.max(x, y)
  })
}

function elementwise(op: 'add' | 'mul' | 'div'): ShapeRule<'add' | 'mul' | 'div'> {
  return ([a, b]) => {
    if (!a || !b || a.dtype !== b.dtype) fail(op, 'expected two inputs of one type')
    return [{ shape: broadcastShape(op, a.shape, b.shape), dtype: a.dtype }]
  }
}

/** A product of x [N, k] with a weight whose contracted axis is `axis`; the addend may be a row or a full matrix. */
function product(op: 'linear' | 'linearInputGrad', axis: 0 | 1) {
  return (inputs: readonly Value[]): readonly TensorType[] => {
    const x = input(op, inputs, 0, 2)
    const w = input(op, inputs, 1, 2)
    if (dim(x, 1) !== dim(w, axis))
      fail(op, `weight: expected ${dim(x, 1)} along axis ${axis}, got ${shapeText(w.shape)}`)
    const out = dim(w, 1 - axis)
    const addend = inputs[2]
    if (addend) expectShape(op, 'addend', addend, addend.shape.length === 1 ? [out] : [dim(x, 0), out])
    return [f32(dim(x, 0), out)]
  }
}

function attentionInputs(op: 'attention' | 'attentionGrad', inputs: readonly Value[], a: OpAttributes['attention']) {
  const q = input(op, inputs, 0, 2)
  const k = input(op, inputs, 1, 2)
  const headDim = dim(q, 1) / a.heads
  if (!Number.isInteger(headDim)) fail(op, `queries: expected a multiple of ${a.heads} columns, got ${dim(q, 1)}`)
  if (a.heads % a.kvHeads !== 0) fail(op, `heads: expected a multiple of ${a.kvHeads}, got ${a.heads}`)
  if (dim(k, 1) !== a.kvHeads * headDim) fail(op, `keys: expected width ${a.kvHeads * headDim}, got ${dim(k, 1)}`)
  expectShape(op, 'values', inputs[2], k.shape)
  if (dim(k, 0) / a.batch < a.prefix)
    fail(op, `keys: expected at least ${a.prefix} a sequence, got ${shapeText(k.shape)}`)
  for (const [value, rows] of [[q, dim(q, 0)] as const, [k, dim(k, 0)] as const])
    if (rows % a.batch !== 0) fail(op, `expected ${a.batch} sequences of one length, got ${shapeText(value.shape)}`)
  expectShape(op, 'first', inputs[3], [dim(q, 0)], 'i32')
  expectShape(op, 'last', inputs[4], [dim(q, 0)], 'i32')
  return { q, k }
}

/** Attributes of either norm: only RMSNorm has heads. */
interface NormAttributes {
  readonly epsilon: number
  readonly heads?: number
}

function normInput(op: OpName, inputs: readonly Value[], index: number, heads = 1): { x: Value; width: number } {
  const x = input(op, inputs, index, 2)
  const width = dim(x, 1) / heads
  if (!Number.isInteger(width)) fail(op, `expected a multiple of ${heads} columns, got ${dim(x, 1)}`)
  return { x, width }
}

/** dy, x and the norm's weight → dx. */
function normInputGrad(op: 'rmsNormInputGrad' | 'layerNormInputGrad') {
  return (inputs: readonly Value[], { heads = 1 }: NormAttributes): readonly TensorType[] => {
    const { x, width } = normInput(op, inputs, 1, heads)
    expectShape(op, 'dy', inputs[0], x.shape)
    expectShape(op, 'weight', inputs[2], [width])
    return [like(x)]
  }
}

/** dy and x → the gradient of the norm's weight. */
function normWeightGrad(op: 'rmsNormWeightGrad' | 'layerNormWeightGrad') {
  return (inputs: readonly Value[], { heads = 1 }: NormAttributes): readonly TensorType[] => {
    const { x, width } = normInput(op, inputs, 1, heads)
    expectShape(op, 'dy', inputs[0], x.shape)
    return [f32(width)]
  }
}

function lossInputs(op: OpName, inputs: readonly Value[]) {
  const x = input(op, inputs, 0, 2)
  const table = input(op, inputs, 1, 2)
  if (dim(x, 1) !== dim(table, 1)) fail(op, `table: expected ${dim(x, 1)} columns, got ${shapeText(table.shape)}`)
  expectShape(op, 'labels', inputs[2], [dim(x, 0)], 'i32')
  expectShape(op, 'weight', inputs[3], [dim(x, 0)])
  return { x, table }
}

function lstmInputs(op: OpName, inputs: readonly Value[]) {
  const z = input(op, inputs, 0, 2)
  const width = dim(z, 1) / 4
  if (!Number.isInteger(width)) fail(op, `gates: expected a multiple of 4 columns, got ${dim(z, 1)}`)
  const cell = f32(dim(z, 0), width)
  if (inputs[1]) expectShape(op, 'cell', inputs[1], cell.shape)
  return { z, cell }
}

const unary =
  (op: OpName): ((inputs: readonly Value[]) => readonly TensorType[]) =>
  (inputs) => {
    if (!inputs[0]) fail(op, 'expected an input')
    return [like(inputs[0])]
  }

/** What each op makes of its inputs, or a GraftError `shape-mismatch` that says which input does not fit. */
export const shapeRules: { readonly [Op in OpName]: ShapeRule<Op> } = {
  linear: product('linear', 1),
  linearInputGrad: product('linearInputGrad', 0),
  linearWeightGrad: (inputs) => {
    const dy = input('linearWeightGrad', inputs, 0, 2)
    const x = input('linearWeightGrad', inputs, 1, 2)
    if (dim(dy, 0) !== dim(x, 0)) fail('linearWeightGrad', `x: expected ${dim(dy, 0)} rows, got ${dim(x, 0)}`)
    return [f32(dim(dy, 1), dim(x, 1))]
  },
  add: elementwise('add'),
  mul: elementwise('mul'),
  div: elementwise('div'),
  scale: unary('scale'),
  sumTo: (inputs, { shape }) => {
    const x = inputs[0]
    if (!x || !sameShape(broadcastShape('sumTo', x.shape, shape), x.shape))
      fail('sumTo', `expected what ${shapeText(shape)} broadcasts to, got ${x ? shapeText(x.shape) : 'nothing'}`)
    return [{ shape, dtype: x.dtype }]
  },
  rowNorm: (inputs) => {
    const w = input('rowNorm', inputs, 0, 2)
    const b = input('rowNorm', inputs, 1, 2)
    expectShape('rowNorm', 'b', b, [dim(w, 0), dim(b, 1)])
    expectShape('rowNorm', 'a', inputs[2], [dim(b, 1), dim(w, 1)])
    return [f32(dim(w, 0))]
  },
  dropout: (inputs) => {
    expectShape('dropout', 'seed', inputs[1], [1], 'i32')
    return unary('dropout')(inputs)
  },
  rmsNorm: (inputs, { heads }) => {
    const { x, width } = normInput('rmsNorm', inputs, 0, heads)
    expectShape('rmsNorm', 'weight', inputs[1], [width])
    return [like(x)]
  },
  rmsNormInputGrad: normInputGrad('rmsNormInputGrad'),
  rmsNormWeightGrad: normWeightGrad('rmsNormWeightGrad'),
  layerNorm: (inputs) => {
    const { x, width } = normInput('layerNorm', inputs, 0)
    for (const i of [1, 2]) expectShape('layerNorm', i === 1 ? 'weight' : 'bias', inputs[i], [width])
    return [like(x)]
  },
  layerNormInputGrad: normInputGrad('layerNormInputGrad'),
  layerNormWeightGrad: normWeightGrad('layerNormWeightGrad'),
  rope: (inputs, { heads }) => {
    const x = input('rope', inputs, 0, 2)
    const half = dim(x, 1) / heads / 2
    if (!Number.isInteger(half)) fail('rope', `expected ${heads} heads of even size, got ${dim(x, 1)} columns`)
    for (const i of [1, 2]) expectShape('rope', i === 1 ? 'cos' : 'sin', inputs[i], [dim(x, 0), half])
    return [like(x)]
  },
  attention: (inputs, a) => [like(attentionInputs('attention', inputs, a).q)],
  attentionGrad: (inputs, a) => {
    const [dout, ...rest] = inputs
    const { q, k } = attentionInputs('attentionGrad', rest, a)
    expectShape('attentionGrad', 'dy', dout, q.shape)
    expectShape('attentionGrad', 'out', inputs[6], q.shape)
    return [like(q), like(k), like(k)]
  },
  prepend: (inputs, { batch }) => {
    const x = input('prepend', inputs, 0, 2)
    const rows = input('prepend', inputs, 1, 2)
    if (dim(x, 0) % batch !== 0) fail('prepend', `expected ${batch} sequences of one length, got ${shapeText(x.shape)}`)
    if (dim(rows, 1) !== dim(x, 1)) fail('prepend', `rows: expected ${dim(x, 1)} columns, got ${shapeText(rows.shape)}`)
    return [f32(dim(x, 0) + batch * dim(rows, 0), dim(x, 1))]
  },
  prependGrad: (inputs, { batch, rows }) => {
    const dy = input('prependGrad', inputs, 0, 2)
    const left = dim(dy, 0) - batch * rows
    if (left < 0 || left % batch !== 0)
      fail('prependGrad', `expected ${batch} sequences with ${rows} rows in front, got ${shapeText(dy.shape)}`)
    return [f32(left, dim(dy, 1)), f32(rows, dim(dy, 1))]
  },
  slice: (inputs, { axis, from, to }) => {
    const [x] = unary('slice')(inputs) as [TensorType]
    if (!(from >= 0 && from < to && to <= (x.shape[axis] ?? 0)))
      fail('slice', `expected a part of axis ${axis}, got ${from} to ${to} of ${shapeText(x.shape)}`)
    return [{ ...x, shape: x.shape.map((size, i) => (i === axis ? to - from : size)) }]
  },
  pad: (inputs, { axis, before, after }) => {
    const [x] = unary('pad')(inputs) as [TensorType]
    if (axis >= x.shape.length || before < 0 || after < 0)
      fail('pad', `expected an axis of ${shapeText(x.shape)} and sizes from 0, got ${axis}: ${before}, ${after}`)
    return [{ ...x, shape: x.shape.map((size, i) => (i === axis ? before + size + after : size)) }]
  },
  concat: (inputs, { axis }) => {
    const [first] = unary('concat')(inputs) as [TensorType]
    for (const value of inputs) {
      const shape = first.shape.map((size, i) => (i === axis ? (value.shape[i] ?? 1) : size))
      expectShape('concat', 'input', value, shape, first.dtype)
    }
    const total = inputs.reduce((sum, value) => sum + (value.shape[axis] ?? 1), 0)
    return [{ ...first, shape: first.shape.map((size, i) => (i === axis ? total : size)) }]
  },
  replaceRows: (inputs) => {
    const x = input('replaceRows', inputs, 0, 2)
    expectShape('replaceRows', 'places', inputs[1], [dim(x, 0)], 'i32')
    const table = input('replaceRows', inputs, 2, 2)
    if (dim(table, 1) !== dim(x, 1))
      fail('replaceRows', `table: expected ${dim(x, 1)} columns, got ${shapeText(table.shape)}`)
    return [like(x)]
  },
  replaceRowsGrad: (inputs, { rows }) => {
    const dy = input('replaceRowsGrad', inputs, 0, 2)
    expectShape('replaceRowsGrad', 'places', inputs[1], [dim(dy, 0)], 'i32')
    return [like(dy), f32(rows, dim(dy, 1))]
  },
  activation: unary('activation'),
  activationGrad: (inputs) => {
    const [dy] = unary('activationGrad')(inputs) as [TensorType]
    expectShape('activationGrad', 'x', inputs[1], dy.shape)
    return [dy]
  },
  gatedActivation: (inputs) => {
    const gate = input('gatedActivation', inputs, 0, 2)
    expectShape('gatedActivation', 'up', inputs[1], gate.shape)
    return [like(gate)]
  },
  gatedActivationGrad: (inputs) => {
    const dy = input('gatedActivationGrad', inputs, 0, 2)
    for (const i of [1, 2]) expectShape('gatedActivationGrad', i === 1 ? 'gate' : 'up', inputs[i], dy.shape)
    return [like(dy), like(dy)]
  },
  lstmCell: (inputs) => {
    const { cell } = lstmInputs('lstmCell', inputs)
    return [cell, cell]
  },
  lstmCellGrad: (inputs, { of }) => {
    const given = of === 'both' ? 2 : 1
    const { z, cell } = lstmInputs('lstmCellGrad', inputs.slice(given))
    for (const gradient of inputs.slice(0, given)) expectShape('lstmCellGrad', 'gradient', gradient, cell.shape)
    return inputs.length > given + 1 ? [like(z), cell] : [like(z)]
  },
  embedding: (inputs) => {
    const ids = input('embedding', inputs, 0, 1, 'i32')
    return [f32(elements(ids.shape), dim(input('embedding', inputs, 1, 2), 1))]
  },
  embeddingGrad: (inputs, { rows }) => {
    const dy = input('embeddingGrad', inputs, 0, 2)
    expectShape('embeddingGrad', 'ids', inputs[1], [dim(dy, 0)], 'i32')
    return [f32(rows, dim(dy, 1))]
  },
  lossHead: (inputs) => {
    lossInputs('lossHead', inputs)
    return [f32(1)]
  },
  lossHeadInputGrad: (inputs) => {
    expectShape('lossHeadInputGrad', 'dLoss', inputs[0], [1])
    return [like(lossInputs('lossHeadInputGrad', inputs.slice(1)).x)]
  },
  lossHeadTableGrad: (inputs) => {
    expectShape('lossHeadTableGrad', 'dLoss', inputs[0], [1])
    return [like(lossInputs('lossHeadTableGrad', inputs.slice(1)).table)]
  },
}
