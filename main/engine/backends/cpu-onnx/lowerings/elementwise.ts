import { broadcastShape } from '../../../graph'
import type { Emitter, Term } from '../emitter'
import { term, type Lowering } from './lowering'

export const add: Lowering<'add'> = (e, [a, b]) => [binary(e, 'Add', a as Term, b as Term)]
export const mul: Lowering<'mul'> = (e, [a, b]) => [binary(e, 'Mul', a as Term, b as Term)]

export function binary(e: Emitter, op: 'Add' | 'Sub' | 'Mul', a: Term, b: Term): Term {
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

const silu = (e: Emitter, gate: Term): { sigmoid: Term; active: Term } => {
  const sigmoid = e.emit('Sigmoid', [gate], gate.shape)
  return { sigmoid, active: e.emit('Mul', [gate, sigmoid], gate.shape) }
}

export const gatedActivation: Lowering<'gatedActivation'> = (e, inputs) => {
  const [gate, up] = [term(inputs, 0), term(inputs, 1)]
  return [e.emit('Mul', [silu(e, gate).active, up], gate.shape)]
}

/** silu'(g) = σ + silu(g) (1 − σ) */
export const gatedActivationGrad: Lowering<'gatedActivationGrad'> = (e, inputs) => {
  const [dy, gate, up] = [term(inputs, 0), term(inputs, 1), term(inputs, 2)]
  const { sigmoid, active } = silu(e, gate)
  const rest = binary(e, 'Sub', e.constant('float', [1]), sigmoid)
  const slope = binary(e, 'Add', sigmoid, binary(e, 'Mul', active, rest))
  return [binary(e, 'Mul', binary(e, 'Mul', dy, up), slope), binary(e, 'Mul', dy, active)]
}
