import type { Activation } from '../../../graph'
import type { Emitter, Term } from '../emitter'
import { binary } from './elementwise'
import { term, type Lowering } from './lowering'

interface ActivationNodes {
  at(e: Emitter, x: Term): Term
  slope(e: Emitter, x: Term): Term
}

const unary = (e: Emitter, op: string, x: Term): Term => e.emit(op, [x], x.shape)
const constant = (e: Emitter, value: number): Term => e.constant('float', [value])
const times = (e: Emitter, factor: number, x: Term): Term => binary(e, 'Mul', constant(e, factor), x)
const plusOne = (e: Emitter, x: Term): Term => binary(e, 'Add', x, constant(e, 1))
const oneMinus = (e: Emitter, x: Term): Term => binary(e, 'Sub', constant(e, 1), x)
const square = (e: Emitter, x: Term): Term => binary(e, 'Mul', x, x)

/** √(2/π) and the cubic's factor of GELU's tanh approximation. */
const [ROOT, CUBIC] = [Math.sqrt(2 / Math.PI), 0.044715]

/** Each activation φ and its derivative; what both use is written once, since equal nodes are. */
const activations: { readonly [A in Activation]: ActivationNodes } = {
  // φ' = σ + φ (1 − σ)
  silu: {
    at: (e, x) => binary(e, 'Mul', x, unary(e, 'Sigmoid', x)),
    slope(e, x) {
      const sigmoid = unary(e, 'Sigmoid', x)
      return binary(e, 'Add', sigmoid, binary(e, 'Mul', binary(e, 'Mul', x, sigmoid), oneMinus(e, sigmoid)))
    },
  },
  relu: {
    at: (e, x) => unary(e, 'Relu', x),
    slope: (e, x) =>
      e.emit('Where', [e.emit('Greater', [x, constant(e, 0)], x.shape), constant(e, 1), constant(e, 0)], x.shape),
  },
  // φ' = ½ (1 + t) + ½ x (1 − t²) √(2/π) (1 + 3 · 0.044715 x²)
  geluTanh: {
    at: (e, x) => e.emit('Gelu', [x], x.shape, { attributes: { approximate: 'tanh' } }),
    slope(e, x) {
      const squared = square(e, x)
      const inner = binary(e, 'Mul', times(e, ROOT, x), plusOne(e, times(e, CUBIC, squared)))
      const t = unary(e, 'Tanh', inner)
      const steep = binary(e, 'Mul', times(e, ROOT, x), plusOne(e, times(e, 3 * CUBIC, squared)))
      return times(e, 0.5, binary(e, 'Add', plusOne(e, t), binary(e, 'Mul', oneMinus(e, square(e, t)), steep)))
    },
  },
  tanh: {
    at: (e, x) => unary(e, 'Tanh', x),
    slope: (e, x) => oneMinus(e, square(e, unary(e, 'Tanh', x))),
  },
  sigmoid: {
    at: (e, x) => unary(e, 'Sigmoid', x),
    slope(e, x) {
      const sigmoid = unary(e, 'Sigmoid', x)
      return binary(e, 'Mul', sigmoid, oneMinus(e, sigmoid))
    },
  },
}

export const activation: Lowering<'activation'> = (e, inputs, attributes) => [
  activations[attributes.activation].at(e, term(inputs, 0)),
]

export const activationGrad: Lowering<'activationGrad'> = (e, inputs, attributes) => [
  binary(e, 'Mul', term(inputs, 0), activations[attributes.activation].slope(e, term(inputs, 1))),
]

export const gatedActivation: Lowering<'gatedActivation'> = (e, inputs, attributes) => [
  binary(e, 'Mul', activations[attributes.activation].at(e, term(inputs, 0)), term(inputs, 1)),
]

export const gatedActivationGrad: Lowering<'gatedActivationGrad'> = (e, inputs, attributes) => {
  const [dy, gate, up] = [term(inputs, 0), term(inputs, 1), term(inputs, 2)]
  const { at, slope } = activations[attributes.activation]
  return [binary(e, 'Mul', binary(e, 'Mul', dy, up), slope(e, gate)), binary(e, 'Mul', dy, at(e, gate))]
}
