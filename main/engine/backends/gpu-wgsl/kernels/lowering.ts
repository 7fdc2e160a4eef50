import type { OpAttributes, OpName } from '../../../graph'
import type { Emitter, Term } from '../program/emitter'

/** Makes dispatches of one op: inputs as terms, outputs in the op's order. */
export type Lowering<Op extends OpName> = (
  e: Emitter,
  inputs: readonly Term[],
  attributes: OpAttributes[Op],
) => readonly Term[]

/** The i-th input; shapes were checked when the graph was built. */
export const term = (inputs: readonly Term[], index: number): Term => inputs[index] as Term

export const size = ({ shape }: Term, axis: number): number => shape[axis] as number
