import type { DType, Graph, Node, Port, Shape, Value } from './graph'
import type { OpAttributes, OpName } from './ops'
import { shapeRules, type TensorType } from './shapes'

/** Makes one graph, node by node. Shapes are checked where a node is added, so that a mistake is found at its cause. */
export interface GraphBuilder {
  input(name: string, shape: Shape, dtype?: DType): Value
  /** Adds a node and returns its outputs. @throws GraftError `shape-mismatch` */
  apply<Op extends OpName>(op: Op, inputs: readonly Value[], attributes: OpAttributes[Op]): readonly Value[]
  /** `apply` for ops with one output. */
  one<Op extends OpName>(op: Op, inputs: readonly Value[], attributes: OpAttributes[Op]): Value
  output(name: string, value: Value): void
  readonly nodes: readonly Node[]
  graph(): Graph
}

export function createGraphBuilder(): GraphBuilder {
  const inputs: Port[] = []
  const outputs: Port[] = []
  const nodes: Node[] = []
  let nextId = 0
  const value = (type: TensorType): Value => ({ id: nextId++, ...type })

  const apply = <Op extends OpName>(op: Op, args: readonly Value[], attributes: OpAttributes[Op]): readonly Value[] => {
    const node = { op, inputs: args, attributes, outputs: shapeRules[op](args, attributes).map(value) }
    nodes.push(node)
    return node.outputs
  }

  return {
    nodes,
    input(name, shape, dtype = 'f32') {
      const port = { name, value: value({ shape, dtype }) }
      inputs.push(port)
      return port.value
    },
    apply,
    one(op, args, attributes) {
      const [result] = apply(op, args, attributes)
      return result as Value
    },
    output(name, result) {
      outputs.push({ name, value: result })
    },
    graph: () => ({ inputs: [...inputs], nodes: [...nodes], outputs: [...outputs] }),
  }
}
