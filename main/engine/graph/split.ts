import type { Graph, Node, Port, Value } from './graph'
import type { OpName } from './ops'

/** Ops that take no longer than reading their result back would: computed again rather than kept. */
const cheap: ReadonlySet<OpName> = new Set([
  'add',
  'mul',
  'scale',
  'rmsNorm',
  'layerNorm',
  'activation',
  'gatedActivation',
  'dropout',
  'embedding',
  'slice',
  'prepend',
])

export interface SplitGraph {
  /** What does not depend on the port: the forward pass. Besides its own outputs it has `kept`. */
  readonly before: Graph
  /** The rest, with `kept` as inputs. */
  readonly after: Graph
  /** What the first part hands to the second, as ports of both. */
  readonly kept: readonly Port[]
}

function dependsOn(graph: Graph, port: string): ReadonlySet<Value> {
  const found = new Set(graph.inputs.filter(({ name }) => name === port).map(({ value }) => value))
  for (const node of graph.nodes) if (node.inputs.some((v) => found.has(v))) node.outputs.forEach((v) => found.add(v))
  return found
}

interface Carried {
  readonly kept: readonly Value[]
  /** Nodes of the first part that the second repeats, in their order. */
  readonly repeated: readonly Node[]
}

/** Decides, from the last value to the first, what is kept and what is computed again from values that are there anyway. */
function carry(first: readonly Node[], second: readonly Node[], graph: Graph): Carried {
  const given = new Set(graph.inputs.map(({ value }) => value))
  const needed = new Set(second.flatMap((node) => node.inputs))
  const kept: Value[] = []
  const repeated: Node[] = []
  for (const node of first.toReversed()) {
    const wanted = node.outputs.filter((value) => needed.has(value))
    if (wanted.length === 0) continue
    const available = node.inputs.every((value) => given.has(value) || needed.has(value))
    if (cheap.has(node.op) && available) repeated.unshift(node)
    else kept.unshift(...wanted)
  }
  return { kept, repeated }
}

const inputsOf = (graph: Graph, nodes: readonly Node[]): Port[] => {
  const used = new Set(nodes.flatMap((node) => node.inputs))
  return graph.inputs.filter(({ value }) => used.has(value))
}

/**
 * Cuts a graph in two at an input that the first part does not have: a forward and a backward pass that were built as one
 * graph become two that can run apart, with a few values kept in between. Together they compute the same, in the same order.
 */
export function splitAt(graph: Graph, port: string): SplitGraph {
  const late = dependsOn(graph, port)
  const isLate = (node: Node): boolean => node.outputs.some((value) => late.has(value))
  const first = graph.nodes.filter((node) => !isLate(node))
  const second = graph.nodes.filter(isLate)
  const { kept: values, repeated } = carry(first, second, graph)
  const kept = values.map((value, i) => ({ name: `kept ${i}`, value }))
  const own = graph.outputs.filter(({ value }) => !late.has(value))
  const afterNodes = [...repeated, ...second]
  return {
    before: { inputs: inputsOf(graph, first), nodes: first, outputs: [...own, ...kept] },
    after: {
      inputs: [...inputsOf(graph, afterNodes), ...kept],
      nodes: afterNodes,
      outputs: graph.outputs.filter(({ value }) => late.has(value)),
    },
    kept,
  }
}
