import type { OpAttributes, OpName } from '../../../graph'
import type { Emitter, Term } from '../emitter'

/** Writes one op as ONNX nodes: inputs as terms, outputs in the op's order. */
export type Lowering<Op extends OpName> = (
  e: Emitter,
  inputs: readonly Term[],
  attributes: OpAttributes[Op],
) => readonly Term[]

/** The i-th input; shapes were checked when the graph was built. */
export function term(inputs: readonly Term[], index: number): Term {
  return inputs[index] as Term
}

export const size = (x: Term, axis: number): number => x.shape[axis] as number
