import type { Emitter, Term } from '../emitter'
import { size, term, type Lowering } from './lowering'

/** Terms joined along an axis; the term itself where there is one. */
export function join(e: Emitter, parts: readonly Term[], axis: number): Term {
  const [first] = parts as readonly [Term]
  if (parts.length === 1) return first
  const total = parts.reduce((sum, part) => sum + size(part, axis), 0)
  const shape = first.shape.map((length, i) => (i === axis ? total : length))
  return e.emit('Concat', parts, shape, { attributes: { axis } })
}

/** Zeros before and after an axis. */
export function padded(e: Emitter, x: Term, axis: number, before: number, after: number): Term {
  if (before === 0 && after === 0) return x
  const at = (amount: number): number[] => x.shape.map((_, i) => (i === axis ? amount : 0))
  const pads = e.constant('int64', [...at(before), ...at(after)], [2 * x.shape.length])
  return e.emit(
    'Pad',
    [x, pads],
    x.shape.map((length, i) => (i === axis ? before + length + after : length)),
  )
}

export const slice: Lowering<'slice'> = (e, inputs, { axis, from, to }) => [e.slice(term(inputs, 0), axis, from, to)]

export const pad: Lowering<'pad'> = (e, inputs, { axis, before, after }) => [
  padded(e, term(inputs, 0), axis, before, after),
]

export const concat: Lowering<'concat'> = (e, inputs, { axis }) => [join(e, inputs, axis)]

export const prepend: Lowering<'prepend'> = (e, inputs, { batch }) => {
  const [x, rows] = [term(inputs, 0), term(inputs, 1)]
  const width = size(x, 1)
  const repeated = [batch, size(rows, 0), width]
  const front = e.emit('Expand', [rows, e.constant('int64', repeated, [3])], repeated)
  const sequences = e.reshape(x, [batch, size(x, 0) / batch, width])
  return [e.reshape(join(e, [front, sequences], 1), [size(x, 0) + batch * size(rows, 0), width])]
}

export const prependGrad: Lowering<'prependGrad'> = (e, inputs, { batch, rows }) => {
  const dy = term(inputs, 0)
  const [length, width] = [size(dy, 0) / batch, size(dy, 1)]
  const sequences = e.reshape(dy, [batch, length, width])
  const dx = e.reshape(e.slice(sequences, 1, rows, length), [batch * (length - rows), width])
  return [dx, e.reshape(e.sum(e.slice(sequences, 1, 0, rows), [0]), [rows, width])]
}

/** Which rows come from the table, [N, 1]. */
const isReplaced = (e: Emitter, places: Term, rows: number): Term => {
  const shape = [size(places, 0), 1]
  return e.emit('Less', [e.reshape(places, shape), e.constant('int32', [rows])], shape)
}

export const replaceRows: Lowering<'replaceRows'> = (e, inputs) => {
  const [x, places, table] = [term(inputs, 0), term(inputs, 1), term(inputs, 2)]
  const rows = size(table, 0)
  const inside = e.emit('Min', [places, e.constant('int32', [rows - 1])], places.shape)
  const taken = e.emit('Gather', [table, inside], x.shape, { attributes: { axis: 0 } })
  return [e.emit('Where', [isReplaced(e, places, rows), taken, x], x.shape)]
}

/** The table's gradient is a product with the few rows' marks, [P, N]: cheaper than scattering, and always in one order. */
export const replaceRowsGrad: Lowering<'replaceRowsGrad'> = (e, inputs, { rows }) => {
  const [dy, places] = [term(inputs, 0), term(inputs, 1)]
  const [zero, one] = [e.constant('float', [0]), e.constant('float', [1])]
  const dx = e.emit('Where', [isReplaced(e, places, rows), zero, dy], dy.shape)
  const every = e.constant(
    'int32',
    Array.from({ length: rows }, (_, i) => i),
    [rows, 1],
  )
  const shape = [rows, size(dy, 0)]
  const equal = e.emit('Equal', [every, e.reshape(places, [1, size(dy, 0)])], shape)
  const marks = e.emit('Where', [equal, one, zero], shape)
  const dTable = e.emit('Gemm', [marks, dy], [rows, size(dy, 1)], { attributes: { alpha: { float: 1 } } })
  return [dx, dTable]
}
