import { broadcastShape } from '../../../graph'
import type { Emitter, Term } from '../emitter'
import { term, type Lowering } from './lowering'

export const add: Lowering<'add'> = (e, [a, b]) => [binary(e, 'Add', a as Term, b as Term)]
export const mul: Lowering<'mul'> = (e, [a, b]) => [binary(e, 'Mul', a as Term, b as Term)]
export const div: Lowering<'div'> = (e, [a, b]) => [binary(e, 'Div', a as Term, b as Term)]

export const scale: Lowering<'scale'> = (e, [x], { factor }) => [
  binary(e, 'Mul', x as Term, e.constant('float', [factor])),
]

export function binary(e: Emitter, op: 'Add' | 'Sub' | 'Mul' | 'Div', a: Term, b: Term): Term {
  return e.emit(op, [a, b], broadcastShape('add', a.shape, b.shape))
}

export const sumTo: Lowering<'sumTo'> = (e, inputs, { shape }) => {
  const x = term(inputs, 0)
  const lead = x.shape.length - shape.length
  const axes = x.shape.flatMap((n, axis) => (axis < lead || (shape[axis - lead] === 1 && n !== 1) ? [axis] : []))
  return [e.reshape(axes.length ? e.sum(x, axes) : x, shape)]
}

/** ONNX's Dropout draws its own numbers: ours must be the same in the forward and the backward segment. */
export const dropout: Lowering<'dropout'> = (e, inputs, { rate, stream }) => {
  const [x, seed] = [term(inputs, 0), term(inputs, 1)]
  const mask = e.hostInput({ kind: 'dropout', seedPort: seed.name, rate, stream }, x.shape)
  return [e.emit('Mul', [x, mask], x.shape)]
}
