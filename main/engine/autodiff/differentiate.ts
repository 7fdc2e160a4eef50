import { sameShape, type GraphBuilder, type Node, type OpName, type Value } from '../graph'
import { rules, type RuleContext } from './rules'

/** Values on a path from one of `wrt`: the only ones whose gradient is worth computing. */
function dependents(nodes: readonly Node[], wrt: readonly Value[]): Set<Value> {
  const found = new Set(wrt)
  for (const node of nodes) if (node.inputs.some((v) => found.has(v))) node.outputs.forEach((v) => found.add(v))
  return found
}

function applyRule<Op extends OpName>(context: RuleContext<Op>): readonly (Value | undefined)[] {
  return rules[context.node.op as Op](context)
}

/**
 * Reverse-mode differentiation: appends the backward nodes to the builder's graph.
 * @param seeds the gradient of each result that is differentiated
 * @returns the gradient of each of `wrt`, in order; undefined where none flows
 */
export function differentiate(
  g: GraphBuilder,
  seeds: ReadonlyMap<Value, Value>,
  wrt: readonly Value[],
): readonly (Value | undefined)[] {
  const forward = [...g.nodes]
  const relevant = dependents(forward, wrt)
  const gradients = new Map<Value, Value>(seeds)
  const accumulate = (value: Value, gradient: Value): void => {
    const mine = sameShape(value.shape, gradient.shape) ? gradient : g.one('sumTo', [gradient], { shape: value.shape })
    const before = gradients.get(value)
    gradients.set(value, before ? g.one('add', [before, mine], {}) : mine)
  }
  for (const node of forward.reverse()) {
    const outer = node.outputs.map((value) => gradients.get(value))
    if (!outer.some(Boolean)) continue
    const wanted = node.inputs.map((value) => relevant.has(value))
    if (!wanted.some(Boolean)) continue
    const inner = applyRule({ g, node, inputs: node.inputs, gradients: outer, wanted })
    node.inputs.forEach((value, i) => {
      const gradient = inner[i]
      if (wanted[i] && gradient) accumulate(value, gradient)
    })
  }
  return wrt.map((value) => gradients.get(value))
}
