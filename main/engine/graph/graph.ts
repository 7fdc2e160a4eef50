import type { OpAttributes, OpName } from './ops'

export type DType = 'f32' | 'i32'
export type Shape = readonly number[]

/** A tensor inside a graph. Identity is the object; `id` orders and prints it. */
export interface Value {
  readonly id: number
  readonly shape: Shape
  readonly dtype: DType
}

export interface Node<Op extends OpName = OpName> {
  readonly op: Op
  readonly inputs: readonly Value[]
  readonly outputs: readonly Value[]
  readonly attributes: OpAttributes[Op]
}

/** A named end of a graph: where a slot is bound. */
export interface Port {
  readonly name: string
  readonly value: Value
}

/** Nodes stand in an order in which every value is made before it is used. */
export interface Graph {
  readonly inputs: readonly Port[]
  readonly nodes: readonly Node[]
  readonly outputs: readonly Port[]
}

export const elements = (shape: Shape): number => shape.reduce((product, size) => product * size, 1)

export const sameShape = (a: Shape, b: Shape): boolean => a.length === b.length && a.every((size, i) => size === b[i])

export const shapeText = (shape: Shape): string => `[${shape.join(', ')}]`
