import { broadcastShape, elements } from '../../../graph'
import { size, term, type Lowering } from './lowering'
import {
  broadcastIndex,
  flatKernel,
  literal,
  read,
  stridedIndex,
  strided,
  sumReduction,
  unitKernel,
  write,
} from './templates'

const binary =
  (op: 'add' | 'mul' | 'div', sign: string): Lowering<'add' | 'mul' | 'div'> =>
  (e, inputs) => {
    const [a, b] = [term(inputs, 0).shape, term(inputs, 1).shape]
    const shape = broadcastShape(op, a, b)
    const [left, right] = [`a(${broadcastIndex('i', shape, a)})`, `b(${broadcastIndex('i', shape, b)})`]
    const body = `put_y(i, ${left} ${sign} ${right});`
    return [
      e.one(
        flatKernel({ name: op, operands: [read('a'), read('b'), write('y')], body }, elements(shape)),
        inputs,
        shape,
      ),
    ]
  }

export const add = binary('add', '+')
export const mul = binary('mul', '*')
export const div = binary('div', '/')

export const scale: Lowering<'scale'> = (e, inputs, { factor }) => {
  const { shape } = term(inputs, 0)
  const body = `put_y(i, ${literal(factor)} * x(i));`
  return [e.one(flatKernel({ name: 'scale', operands: [read('x'), write('y')], body }, elements(shape)), inputs, shape)]
}

/** A workgroup for each element of the result; its threads take turns over what is summed. */
export const sumTo: Lowering<'sumTo'> = (e, inputs, { shape }) => {
  const from = term(inputs, 0).shape
  const lead = from.length - shape.length
  const strides = from.map((_, axis) => elements(from.slice(axis + 1)))
  const isSummed = (axis: number): boolean => axis < lead || shape[axis - lead] === 1
  const summed = from.map((n, axis) => (isSummed(axis) ? n : 1))
  const kept = from.map((n, axis) => (isSummed(axis) ? 1 : n))
  const base = stridedIndex('unit', kept, strides)
  const body = `
    let base = ${base};
    var sum = 0.0f;
    ${strided('r', elements(summed), `sum += x(base + ${stridedIndex('r', summed, strides)});`)}
    let all = sum_all(lane, sum);
    if (lane == 0u) { put_y(unit, all); }`
  const kernel = { name: 'sumTo', operands: [read('x'), write('y')], declarations: sumReduction(), body }
  return [e.one(unitKernel(kernel, elements(shape)), inputs, shape)]
}

/** rng.ts's `hashUniform`, in whole numbers: u ≥ rate exactly where the hash is at least rate · 2³². */
const hash = `
fn mix32(value: u32) -> u32 {
  var h = (value ^ (value >> 16u)) * 0x85ebca6bu;
  h = (h ^ (h >> 13u)) * 0xc2b2ae35u;
  return h ^ (h >> 16u);
}`

export const dropout: Lowering<'dropout'> = (e, inputs, { rate, stream }) => {
  const { shape } = term(inputs, 0)
  const body = `
    let h = mix32(mix32(mix32(seed(0u)) ^ ${stream >>> 0}u) ^ i);
    put_y(i, select(0.0f, x(i) * ${literal(1 / (1 - rate))}, h >= ${Math.ceil(rate * 2 ** 32)}u));`
  const operands = [read('x'), read('seed', 'u32'), write('y')]
  return [e.one(flatKernel({ name: 'dropout', operands, declarations: hash, body }, elements(shape)), inputs, shape)]
}

/** A thread for each pair of numbers that turn together. */
export const rope: Lowering<'rope'> = (e, inputs, { heads, inverse }) => {
  const x = term(inputs, 0)
  const half = size(x, 1) / heads / 2
  const body = `
    let angle = i / ${heads * half}u * ${half}u + i % ${half}u;
    let c = cos_of(angle);
    let s = ${inverse ? '-' : ''}sin_of(angle);
    let low = i / ${half}u * ${2 * half}u + i % ${half}u;
    let high = low + ${half}u;
    put_y(low, x(low) * c - x(high) * s);
    put_y(high, x(high) * c + x(low) * s);`
  const operands = [read('x'), read('cos_of'), read('sin_of'), write('y')]
  return [e.one(flatKernel({ name: 'rope', operands, body }, elements(x.shape) / 2), inputs, x.shape)]
}
