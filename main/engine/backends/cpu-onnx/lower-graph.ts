import { GraftError } from '../../errors'
import type { DType, Graph, Node, OpName, Value } from '../../graph'
import { createEmitter, type DropoutMask, type Emitter, type Term } from './emitter'
import { lowerings } from './lowerings'
import { encodeModel, type OnnxType, type OnnxValue } from './onnx-model'

const TYPES: Readonly<Record<DType, OnnxType>> = { f32: 'float', i32: 'int32' }

/** The input through which an accumulating output gets what it is to be added to. */
export const accumulatorPort = (port: string): string => `${port} so far`

/** An output's name in the ONNX model: a segment may have an input port of the same name. */
export const outputName = (port: string): string => `-> ${port}`

export interface LoweredGraph {
  readonly model: Uint8Array
  /** Ports that are fed: graph inputs that survived, and accumulators. */
  readonly hostInputs: readonly DropoutMask[]
}

function lowerNode<Op extends OpName>(e: Emitter, node: Node<Op>, inputs: readonly Term[]): readonly Term[] {
  const lowering = lowerings[node.op as Op]
  if (lowering === 'host')
    throw new GraftError(
      'unsupported',
      `cpu-onnx: ${node.op} runs on the host and cannot share a segment with other ops`,
    )
  return lowering(e, inputs, node.attributes)
}

/** Gives a value the port's name; an input, or a value that already has a port's name, is copied. */
function nameOutput(e: Emitter, value: Term, port: string, named: Map<string, string>): void {
  const maker = e.nodes.find((node) => node.outputs.includes(value.name))
  if (!maker) {
    const source = named.get(value.name) ?? value.name
    e.nodes.push({ op: 'Identity', domain: '', inputs: [source], outputs: [port], attributes: {} })
    return
  }
  maker.outputs = [port]
  for (const node of e.nodes) node.inputs = node.inputs.map((name) => (name === value.name ? port : name))
  named.set(value.name, port)
}

/** value + accumulator: as the C of the Gemm that makes the value where possible, which then runs in place. */
function accumulate(e: Emitter, value: Term, port: string, shared: boolean): Term {
  const before: Term = { name: accumulatorPort(port), shape: value.shape }
  const maker = e.nodes.find((node) => node.outputs.includes(value.name))
  const used = shared || e.nodes.some((node) => node.inputs.includes(value.name))
  if (maker?.op !== 'Gemm' || maker.inputs.length !== 2 || used) return e.emit('Add', [value, before], value.shape)
  maker.inputs.push(before.name)
  return value
}

/** A segment's graph as an ONNX model whose inputs and outputs are the ports; weights are inputs too. */
export function lowerGraph(graph: Graph, accumulating: ReadonlySet<string>): LoweredGraph {
  const e = createEmitter()
  const terms = new Map<Value, Term>()
  const inputs: OnnxValue[] = graph.inputs.map(({ name, value }) => {
    terms.set(value, { name, shape: value.shape })
    return { name, type: TYPES[value.dtype], shape: value.shape }
  })
  for (const node of graph.nodes) {
    const results = lowerNode(
      e,
      node,
      node.inputs.map((value) => terms.get(value) as Term),
    )
    node.outputs.forEach((value, i) => terms.set(value, results[i] as Term))
  }
  const named = new Map<string, string>()
  const outputs = graph.outputs.map(({ name, value }): OnnxValue => {
    const term = terms.get(value) as Term
    const shared = graph.outputs.filter((port) => terms.get(port.value)?.name === term.name).length > 1
    // The value may have been given to an earlier port, whose name it then has.
    const sum = (): Term => accumulate(e, { ...term, name: named.get(term.name) ?? term.name }, name, shared)
    nameOutput(e, accumulating.has(name) ? sum() : term, outputName(name), named)
    if (accumulating.has(name))
      inputs.push({ name: accumulatorPort(name), shape: value.shape, type: TYPES[value.dtype] })
    return { name: outputName(name), type: TYPES[value.dtype], shape: value.shape }
  })
  for (const { input } of e.hostInputs) inputs.push({ name: input.name, shape: input.shape, type: 'float' })
  const used = new Set(e.nodes.flatMap((node) => node.inputs))
  const model = { nodes: e.nodes, constants: e.constants, inputs: inputs.filter(({ name }) => used.has(name)), outputs }
  return { model: encodeModel(model), hostInputs: e.hostInputs }
}
