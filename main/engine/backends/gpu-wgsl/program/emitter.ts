import type { Shape } from '../../../graph'
import { kernelSource, type Kernel } from './kernel'

/** A tensor while a segment runs. Identity is the object. */
export interface Term {
  readonly shape: Shape
}

/** One dispatch: a kernel and what its operands are, in their order. */
export interface Step {
  readonly kernel: Kernel
  readonly terms: readonly Term[]
}

/** Collects the dispatches of a segment. */
export interface Emitter {
  /**
   * Runs a kernel on `inputs`, its first operands, and returns what it writes, the others. Asked for the same again, it
   * returns what is there already: a derivative asks for what its forward pass computed, and no bookkeeping carries it over.
   */
  emit(kernel: Kernel, inputs: readonly Term[], shapes: readonly Shape[]): readonly Term[]
  /** `emit` for kernels with one output. */
  one(kernel: Kernel, inputs: readonly Term[], shape: Shape): Term
  /** Runs a kernel even if it was run on the same before. */
  repeat(kernel: Kernel, inputs: readonly Term[], shape: Shape): Term
  readonly steps: readonly Step[]
}

const plain = { shifted: [], accumulating: [] }

export function createEmitter(): Emitter {
  const steps: Step[] = []
  const known = new Map<string, readonly Term[]>()
  const ids = new Map<Term, number>()
  const idOf = (term: Term): number => {
    const id = ids.get(term) ?? ids.size
    ids.set(term, id)
    return id
  }
  const append = (kernel: Kernel, inputs: readonly Term[], shapes: readonly Shape[]): readonly Term[] => {
    const outputs = shapes.map((shape) => ({ shape }))
    steps.push({ kernel, terms: [...inputs, ...outputs] })
    return outputs
  }
  const emit: Emitter['emit'] = (kernel, inputs, shapes) => {
    const key = `${inputs.map(idOf).join()} ${kernel.groups.join()}\n${kernelSource(kernel, plain)}`
    const outputs = known.get(key) ?? append(kernel, inputs, shapes)
    known.set(key, outputs)
    return outputs
  }
  return {
    emit,
    one: (kernel, inputs, shape) => emit(kernel, inputs, [shape])[0] as Term,
    repeat: (kernel, inputs, shape) => append(kernel, inputs, [shape])[0] as Term,
    steps,
  }
}
