import { sameShape, type Graph, type Node, type Value } from './graph'
import type { OpAttributes } from './ops'

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

/** Products dyᵀ x that are summed: their rows one below the other make one product. */
interface WeightGradient {
  readonly dy: readonly Value[]
  readonly x: readonly Value[]
  readonly alpha: number
}

const asWeightGradient = ({ op, inputs: [dy, x], attributes }: Node): WeightGradient | undefined =>
  op === 'linearWeightGrad' && dy && x
    ? { dy: [dy], x: [x], alpha: (attributes as OpAttributes['linearWeightGrad']).alpha }
    : undefined

const rowsOf = (values: readonly Value[]): number => values.reduce((sum, { shape }) => sum + (shape[0] ?? 0), 0)

/** The values one below the other: a new node, or the value itself where there is one. */
function stacked(values: readonly Value[], id: number): { readonly value: Value; readonly nodes: readonly Node[] } {
  const first = values[0] as Value
  if (values.length === 1) return { value: first, nodes: [] }
  const value: Value = { ...first, id, shape: [rowsOf(values), ...first.shape.slice(1)] }
  return { value, nodes: [{ op: 'concat', inputs: values, outputs: [value], attributes: { axis: 0 } }] }
}

/**
 * add(linearWeightGrad(a, x), linearWeightGrad(b, y)) becomes linearWeightGrad(a over b, x over y): a weight that is used
 * at every step of a recurrence would else have a gradient of its full size made and added for each of them.
 */
export const joinWeightGradients: Pass = (graph) => {
  const uses = countUses(graph)
  const sums = new Map<Value, WeightGradient>()
  const inner = new Set<Value>()
  for (const node of graph.nodes) {
    const result = node.outputs[0] as Value
    const own = asWeightGradient(node)
    if (own) sums.set(result, own)
    if (node.op !== 'add') continue
    const [a, b] = node.inputs as [Value, Value]
    const [left, right] = [sums.get(a), sums.get(b)]
    if (!left || !right || left.alpha !== right.alpha || uses.get(a) !== 1 || uses.get(b) !== 1) continue
    sums.set(result, { dy: [...left.dy, ...right.dy], x: [...left.x, ...right.x], alpha: left.alpha })
    inner.add(a).add(b)
  }
  let nextId = 1 + Math.max(-1, ...graph.nodes.flatMap(({ outputs }) => outputs.map(({ id }) => id)))
  const nodes = graph.nodes.flatMap((node): readonly Node[] => {
    const result = node.outputs[0] as Value
    const sum = sums.get(result)
    if (!sum || sum.dy.length === 1 || inner.has(result)) return [node]
    const [dy, x] = [stacked(sum.dy, nextId++), stacked(sum.x, nextId++)]
    const { alpha } = sum
    const joined: Node = {
      op: 'linearWeightGrad',
      inputs: [dy.value, x.value],
      outputs: [result],
      attributes: { alpha },
    }
    return [...dy.nodes, ...x.nodes, joined]
  })
  return inner.size === 0 ? graph : removeDeadNodes({ ...graph, nodes })
}

/** What every planned graph goes through. */
export const optimise: Pass = (graph) => fuseAddIntoLinear(joinWeightGradients(removeDeadNodes(graph)))
