import { elements, type Graph } from '../../../main/engine/graph'
import type { Binding, Plan, RunAction, Slot } from '../../../main/engine/plan'

/** Output ports that add to their slots. */
type Accumulating = readonly string[]

/** A plan whose `forward` is one graph, each port bound to the slot of its name. */
export function oneSegmentPlan(graph: Graph, accumulating: Accumulating = []): Plan {
  const slots = new Map<string, Slot>()
  const bind = (ports: Graph['inputs'], role: Slot['role']): Record<string, Binding> =>
    Object.fromEntries(
      ports.map(({ name, value: { shape, dtype } }) => {
        slots.set(name, { name, shape, dtype, role })
        return [name, { slot: name, ...(role === 'gradient' && accumulating.includes(name) && { accumulate: true }) }]
      }),
    )
  const [inputs, outputs] = [bind(graph.inputs, 'batch'), bind(graph.outputs, 'gradient')]
  const action: RunAction = { do: 'run', segment: 'only', inputs, outputs, note: '' }
  const segments = new Map([['only', { key: 'only', label: 'only', graph }]])
  return { title: 'one segment', slots, segments, phases: { forward: [action] } }
}

/** 1, 2, 3 … over 8, so that sums of products are exact in float32. */
export const eighths = (shape: readonly number[]): Float32Array =>
  Float32Array.from({ length: elements(shape) }, (_, i) => (i + 1) / 8)
