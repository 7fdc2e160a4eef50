import { GraftError } from '../../errors'
import { elements, shapeText, type Graph, type Node, type OpName, type Port, type Value } from '../../graph'
import { kernels, type Numbers, type Operands } from './kernels'

/** The data bound to a port, known to have its size. */
function bound(port: Port, inputs: ReadonlyMap<string, Numbers>): Numbers {
  const data = inputs.get(port.name)
  const size = elements(port.value.shape)
  if (data?.length === size) return data
  throw new GraftError(
    'invalid-argument',
    `evaluateGraph: input ${port.name}: expected ${size} numbers for ${shapeText(port.value.shape)}, ` +
      `got ${data ? data.length : 'nothing'}; bind every input of the graph`,
    { port: port.name },
  )
}

function runNode<Op extends OpName>(node: Node<Op>, data: ReadonlyMap<Value, Numbers>): readonly Float64Array[] {
  const operands = node.inputs.map((value) => ({ shape: value.shape, data: data.get(value) }))
  return kernels[node.op as Op](operands as unknown as Operands, node.attributes)
}

/**
 * Runs a graph in float64.
 * @param inputs data of each input port by name, row-major; i32 ports take an Int32Array
 * @returns a copy of each output port's data by name
 * @throws GraftError `invalid-argument` when an input is missing or has the wrong size
 */
export function evaluateGraph(graph: Graph, inputs: ReadonlyMap<string, Numbers>): Map<string, Float64Array> {
  const data = new Map<Value, Numbers>(graph.inputs.map((port) => [port.value, bound(port, inputs)]))
  for (const node of graph.nodes) {
    const results = runNode(node, data)
    node.outputs.forEach((value, i) => data.set(value, results[i]!))
  }
  return new Map(graph.outputs.map((port) => [port.name, Float64Array.from(data.get(port.value)!)]))
}
