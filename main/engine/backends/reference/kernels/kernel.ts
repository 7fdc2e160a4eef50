import type { OpAttributes, OpName, Shape } from '../../../graph'

export type Numbers = Float64Array | Int32Array

export interface Tensor {
  readonly shape: Shape
  readonly data: Numbers
}

/** The shape rules have already counted the inputs: a kernel takes as many as its op has. */
export type Operands = readonly [Tensor, Tensor, Tensor, Tensor, Tensor, Tensor, Tensor]

/** One op, in float64, from its inputs in order to its outputs in order. */
export type Kernel<Op extends OpName> = (inputs: Operands, attributes: OpAttributes[Op]) => readonly Float64Array[]

export const rows = (matrix: Tensor): number => matrix.shape[0] ?? 1

export const columns = (matrix: Tensor): number => matrix.shape[1] ?? 1

/** Row i of a matrix as a view: what is written to it is written to the matrix. */
export function row<A extends Numbers>(data: A, i: number, width: number): A {
  return data.subarray(i * width, (i + 1) * width) as A
}

export function dot(a: Numbers, b: Numbers): number {
  let sum = 0
  for (let i = 0; i < a.length; i++) sum += a[i]! * b[i]!
  return sum
}

/** into += scale · from */
export function addScaled(into: Float64Array, scale: number, from: Numbers): void {
  for (let i = 0; i < into.length; i++) into[i]! += scale * from[i]!
}

/** log Σ exp(x), shifted by the largest entry so that nothing overflows. */
export function logSumExp(x: readonly number[]): number {
  const top = x.reduce((a, b) => Math.max(a, b), -Infinity)
  return top + Math.log(x.reduce((sum, value) => sum + Math.exp(value - top), 0))
}
