import { broadcastShape, elements, type Shape } from '../../../graph'
import { hashUniform } from '../../../rng'
import { activations } from './activations'
import type { Kernel, Operands } from './kernel'

/** For each element of `shape`, the index of the element of `source` that broadcasting repeats there. */
function broadcastIndices(source: Shape, shape: Shape): number[] {
  const lead = shape.length - source.length
  return Array.from({ length: elements(shape) }, (_, flat) => {
    let [index, stride, rest] = [0, 1, flat]
    for (let axis = shape.length - 1; axis >= lead; axis--) {
      const [size, sourceSize] = [shape[axis]!, source[axis - lead]!]
      index += sourceSize === 1 ? 0 : (rest % size) * stride
      stride *= sourceSize
      rest = Math.floor(rest / size)
    }
    return index
  })
}

function elementwise(op: 'add' | 'mul' | 'div', combine: (a: number, b: number) => number) {
  return ([a, b]: Operands): readonly Float64Array[] => {
    const shape = broadcastShape(op, a.shape, b.shape)
    const [left, right] = [broadcastIndices(a.shape, shape), broadcastIndices(b.shape, shape)]
    return [Float64Array.from(left, (index, i) => combine(a.data[index]!, b.data[right[i]!]!))]
  }
}

export const add = elementwise('add', (a, b) => a + b)

export const mul = elementwise('mul', (a, b) => a * b)

export const div = elementwise('div', (a, b) => a / b)

export const scale: Kernel<'scale'> = ([x], { factor }) => [Float64Array.from(x.data, (value) => factor * value)]

export const sumTo: Kernel<'sumTo'> = ([x], { shape }) => {
  const sum = new Float64Array(elements(shape))
  broadcastIndices(shape, x.shape).forEach((index, i) => (sum[index]! += x.data[i]!))
  return [sum]
}

export const dropout: Kernel<'dropout'> = ([x, seed], { rate, stream }) => {
  const mask = (i: number): number => (hashUniform(seed.data[0]!, stream, i) >= rate ? 1 / (1 - rate) : 0)
  return [Float64Array.from(x.data, (value, i) => value * mask(i))]
}

export const activation: Kernel<'activation'> = ([x], attributes) => [
  Float64Array.from(x.data, activations[attributes.activation].at),
]

export const activationGrad: Kernel<'activationGrad'> = ([dy, x], attributes) => {
  const { slope } = activations[attributes.activation]
  return [Float64Array.from(dy.data, (value, i) => value * slope(x.data[i]!))]
}

export const gatedActivation: Kernel<'gatedActivation'> = ([gate, up], { activation }) => {
  const { at } = activations[activation]
  return [Float64Array.from(gate.data, (value, i) => at(value) * up.data[i]!)]
}

export const gatedActivationGrad: Kernel<'gatedActivationGrad'> = ([dy, gate, up], { activation }) => {
  const { at, slope } = activations[activation]
  return [
    Float64Array.from(dy.data, (value, i) => value * up.data[i]! * slope(gate.data[i]!)),
    Float64Array.from(dy.data, (value, i) => value * at(gate.data[i]!)),
  ]
}
