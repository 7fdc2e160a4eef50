import type { Activation } from '../../../graph'

const sigmoid = (x: number): number => 1 / (1 + Math.exp(-x))

/** √(2/π) and the cubic's factor of GELU's tanh approximation. */
const [ROOT, CUBIC] = [Math.sqrt(2 / Math.PI), 0.044715]
const geluInner = (x: number): number => Math.tanh(ROOT * (x + CUBIC * x ** 3))

/** Each activation φ with its derivative. */
export const activations: { readonly [A in Activation]: { at(x: number): number; slope(x: number): number } } = {
  // φ = x σ(x),  φ' = σ (1 + x (1 − σ))
  silu: {
    at: (x) => x * sigmoid(x),
    slope: (x) => sigmoid(x) * (1 + x * (1 - sigmoid(x))),
  },
  relu: { at: (x) => Math.max(0, x), slope: (x) => (x > 0 ? 1 : 0) },
  // φ = ½ x (1 + t),  t = tanh(√(2/π) (x + 0.044715 x³)),  φ' = ½ (1 + t) + ½ x (1 − t²) √(2/π) (1 + 3 · 0.044715 x²)
  geluTanh: {
    at: (x) => 0.5 * x * (1 + geluInner(x)),
    slope: (x) => {
      const t = geluInner(x)
      return 0.5 * (1 + t) + 0.5 * x * (1 - t * t) * ROOT * (1 + 3 * CUBIC * x * x)
    },
  },
  tanh: { at: Math.tanh, slope: (x) => 1 - Math.tanh(x) ** 2 },
  sigmoid: { at: sigmoid, slope: (x) => sigmoid(x) * (1 - sigmoid(x)) },
}
