import { sameShape, type Graph, type Node, type Value } from './graph'

/** A graph in, an equivalent graph out. */
export type Pass = (graph: Graph) => Graph

/** Drops nodes whose outputs nobody reads, and inputs that nothing uses. */
export const removeDeadNodes: Pass = (graph) => {
  const live = new Set<Value>(graph.outputs.map((port) => port.value))
  const nodes: Node[] = []
  for (const node of graph.nodes.toReversed()) {
    if (!node.outputs.some((value) => live.has(value))) continue
    for (const value of node.inputs) live.add(value)
    nodes.push(node)
  }
  return { ...graph, inputs: graph.inputs.filter((port) => live.has(port.value)), nodes: nodes.reverse() }
}

function countUses(graph: Graph): Map<Value, number> {
  const uses = new Map<Value, number>()
  const use = (value: Value): void => void uses.set(value, (uses.get(value) ?? 0) + 1)
  for (const node of graph.nodes) node.inputs.forEach(use)
  for (const port of graph.outputs) use(port.value)
  return uses
}

/**
 * add(linear(x, w), c) becomes linear(x, w, c): residual sums, LoRA's sum and gradients that meet become the addend of
 * a matrix product, which every back end has for free.
 */
export const fuseAddIntoLinear: Pass = (graph) => {
  const uses = countUses(graph)
  const maker = new Map<Value, Node>()
  for (const node of graph.nodes) for (const value of node.outputs) maker.set(value, node)
  const absorbable = (value: Value | undefined, other: Value | undefined): Node | undefined => {
    const node = value && maker.get(value)
    if (!node || !other || (node.op !== 'linear' && node.op !== 'linearInputGrad')) return undefined
    return node.inputs.length === 2 && uses.get(value) === 1 && sameShape(value.shape, other.shape) ? node : undefined
  }
  const nodes = graph.nodes.map((node) => {
    if (node.op !== 'add') return node
    const [a, b] = node.inputs
    const [left, right] = [absorbable(a, b), absorbable(b, a)]
    // The later product absorbs the sum: its addend is then already there.
    const product =
      left && right ? (graph.nodes.indexOf(left) > graph.nodes.indexOf(right) ? left : right) : (left ?? right)
    if (!product) return node
    const fused = {
      ...product,
      inputs: [...product.inputs, product === left ? b : a] as Value[],
      outputs: node.outputs,
    }
    for (const value of fused.outputs) maker.set(value, fused)
    return fused
  })
  return removeDeadNodes({ ...graph, nodes })
}

/** What every planned graph goes through. */
export const optimise: Pass = (graph) => fuseAddIntoLinear(removeDeadNodes(graph))
