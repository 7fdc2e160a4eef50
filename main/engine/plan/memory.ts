import { elements, type AttentionAttributes, type Graph, type Node, type OpName, type Value } from '../graph'
import type { Plan, Role, Slot } from './plan'
import { dequantisedBytes, slotBytes } from './quantised-slots'

export interface MemoryPart {
  readonly part: string
  readonly bytes: number
}

const BYTES = 4

const partOf: Readonly<Record<Role, string>> = {
  frozen: 'frozen weights',
  trainable: 'trainable weights',
  derived: 'trainable weights',
  gradient: 'gradients',
  moment: 'optimiser moments',
  activation: 'activations',
  batch: 'batch',
  cache: 'key/value cache',
  scalar: 'batch',
}

const rowsOf = ({ inputs }: Node, index: number): number => inputs[index]?.shape[0] ?? 0

/** Scores of every query and head with every key of its sequence. */
function scores(node: Node, first: number): number {
  const { batch, heads } = node.attributes as AttentionAttributes
  return rowsOf(node, first) * heads * (rowsOf(node, first + 1) / batch)
}

/** Numbers that an op holds while it runs, besides its ends: logits or scores, what softmax makes of them, its gradient. */
const innerNumbers: Readonly<Partial<Record<OpName, (node: Node) => number>>> = {
  rowNorm: (node) => elements(node.inputs[0]?.shape ?? []),
  attention: (node) => 2 * scores(node, 0),
  attentionGrad: (node) => 3 * scores(node, 1),
  lossHead: (node) => 2 * rowsOf(node, 0) * rowsOf(node, 1),
  lossHeadInputGrad: (node) => 2 * rowsOf(node, 1) * rowsOf(node, 2),
  lossHeadTableGrad: (node) => 2 * rowsOf(node, 1) * rowsOf(node, 2),
}

/** The most that a segment's inner values hold at once, walking its nodes in order; ends that are bound to slots not counted. */
export function scratchBytes(graph: Graph): number {
  const bound = new Set<Value>([...graph.inputs, ...graph.outputs].map((port) => port.value))
  const lastUse = new Map<Value, number>()
  graph.nodes.forEach((node, i) => [...node.inputs, ...node.outputs].forEach((value) => lastUse.set(value, i)))
  const size = (value: Value): number => (bound.has(value) ? 0 : elements(value.shape) * BYTES)
  let held = 0
  let peak = 0
  graph.nodes.forEach((node, i) => {
    for (const value of node.outputs) held += size(value)
    peak = Math.max(peak, held + (innerNumbers[node.op]?.(node) ?? 0) * BYTES)
    for (const value of new Set([...node.inputs, ...node.outputs])) if (lastUse.get(value) === i) held -= size(value)
  })
  return peak
}

/**
 * What plans that share an executor will hold, by part: persistent slots once, the others as large as the largest plan
 * needs them, and the largest segment's scratch.
 */
export function forecastMemory(plans: readonly Plan[]): readonly MemoryPart[] {
  const largest = new Map<string, Slot>()
  for (const plan of plans)
    for (const slot of plan.slots.values()) {
      const before = largest.get(slot.name)
      if (!before || elements(before.shape) < elements(slot.shape)) largest.set(slot.name, slot)
    }
  const parts = new Map<string, number>()
  for (const slot of largest.values())
    parts.set(partOf[slot.role], (parts.get(partOf[slot.role]) ?? 0) + slotBytes(slot))
  const dequantised = dequantisedBytes(plans)
  if (dequantised > 0) parts.set('dequantised weights', dequantised)
  const scratch = plans.flatMap((plan) => [...plan.segments.values()].map((segment) => scratchBytes(segment.graph)))
  parts.set('working memory', Math.max(0, ...scratch))
  return [...parts].map(([part, bytes]) => ({ part, bytes }))
}
