import { elements, type Graph, type Node, type OpName, type Value } from '../../graph'
import { lowerings } from './kernels'
import { flatKernel, read, write } from './kernels/templates'
import { createEmitter, type Emitter, type Term } from './program/emitter'
import type { Kernel } from './program/kernel'
import { planScratch } from './program/scratch'

/** Where a term's numbers are: in what a port is bound to, or in a scratch buffer. */
export type Place = { readonly input: string } | { readonly output: string } | { readonly scratch: number }

/** One dispatch, with everything known but the buffers. */
export interface ProgramStep {
  readonly kernel: Kernel
  readonly places: readonly Place[]
  /** Operands that are added to. */
  readonly accumulating: readonly boolean[]
}

/** A segment as dispatches. Knows no device and no slot: equal layers share it. */
export interface Program {
  readonly steps: readonly ProgramStep[]
  /** Bytes of each scratch buffer, the largest first. */
  readonly scratch: readonly number[]
}

export interface PortNeeds {
  /** Output ports that are added to what their slot holds. */
  readonly accumulating: ReadonlySet<string>
  /** Output ports whose slot another port is bound to as well: written last, when everything has been read. */
  readonly shared: ReadonlySet<string>
}

function lowerNode<Op extends OpName>(e: Emitter, node: Node<Op>, inputs: readonly Term[]): readonly Term[] {
  return lowerings[node.op as Op](e, inputs, node.attributes)
}

const copyKernel = (count: number): Kernel =>
  flatKernel({ name: 'copy', operands: [read('x'), write('y')], body: 'put_y(i, x(i));' }, count)

const copy = (e: Emitter, term: Term): Term => e.repeat(copyKernel(elements(term.shape)), [term], term.shape)

interface Output {
  readonly name: string
  readonly term: Term
}

/**
 * Decides for each output port whether the step that makes its value writes to the slot itself, or whether the value is
 * copied there at the end: where it is an input, has a port already, is read again but accumulates, or where the slot is
 * bound twice. Returns the terms that are added to their slots.
 */
function placeOutputs(e: Emitter, outputs: readonly Output[], needs: PortNeeds, places: Map<Term, Place>): Set<Term> {
  const readAgain = new Set(
    e.steps.flatMap(({ kernel, terms }) => terms.filter((_, i) => kernel.operands[i]?.access === 'read')),
  )
  const ports = (term: Term): number => outputs.filter((output) => output.term === term).length
  const accumulating = new Set<Term>()
  const late: Output[] = []
  const place = ({ name }: Output, term: Term): void => {
    places.set(term, { output: name })
    if (needs.accumulating.has(name)) accumulating.add(term)
  }
  for (const output of outputs) {
    const { name, term } = output
    const isOnlySum = !readAgain.has(term) && ports(term) === 1
    const free = !places.has(term) && !needs.shared.has(name)
    if (free && (isOnlySum || !needs.accumulating.has(name))) place(output, term)
    // What stands in a slot must be out of it before anything is written to that slot.
    else late.push(needs.shared.has(name) && places.has(term) ? { name, term: copy(e, term) } : output)
  }
  for (const output of late) place(output, copy(e, output.term))
  return accumulating
}

/** A segment's graph as dispatches whose operands are its ports and scratch buffers. */
export function lowerGraph(graph: Graph, needs: PortNeeds): Program {
  const e = createEmitter()
  const terms = new Map<Value, Term>()
  const places = new Map<Term, Place>()
  for (const { name, value } of graph.inputs) {
    const term = { shape: value.shape }
    terms.set(value, term)
    places.set(term, { input: name })
  }
  for (const node of graph.nodes) {
    const results = lowerNode(
      e,
      node,
      node.inputs.map((value) => terms.get(value) as Term),
    )
    node.outputs.forEach((value, i) => terms.set(value, results[i] as Term))
  }
  const outputs = graph.outputs.map(({ name, value }) => ({ name, term: terms.get(value) as Term }))
  const accumulating = placeOutputs(e, outputs, needs, places)
  const scratch = planScratch(e.steps, (term) => !places.has(term))
  const placeOf = (term: Term): Place => places.get(term) ?? { scratch: scratch.places.get(term) as number }
  const steps = e.steps.map(({ kernel, terms: operands }) => ({
    kernel,
    places: operands.map(placeOf),
    accumulating: operands.map((term, i) => kernel.operands[i]?.access !== 'read' && accumulating.has(term)),
  }))
  return { steps, scratch: scratch.sizes }
}
