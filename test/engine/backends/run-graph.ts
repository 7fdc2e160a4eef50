import type { Graph } from '../../../main/engine/graph'
import type { Bindings, Executor, Plan, RunAction, Slot } from '../../../main/engine/plan'

type Inputs = ReadonlyMap<string, Float64Array | Int32Array>
type Outputs = ReadonlyMap<string, ArrayLike<number>>

/** One segment that is the whole graph, each port a slot of its own. */
function planOf(graph: Graph, accumulate: boolean): Plan {
  const slots = new Map<string, Slot>()
  const bind = (side: 'in' | 'out', ports: Graph['inputs']): Bindings =>
    Object.fromEntries(
      ports.map(({ name, value: { shape, dtype } }) => {
        const slot = `${side}.${name}`
        slots.set(slot, { name: slot, shape, dtype, role: side === 'in' ? 'batch' : 'gradient' })
        return [name, { slot, ...(side === 'out' && accumulate ? { accumulate } : {}) }]
      }),
    )
  const [inputs, outputs] = [bind('in', graph.inputs), bind('out', graph.outputs)]
  const action: RunAction = { do: 'run', segment: 'op', inputs, outputs, note: '' }
  const segments = new Map([['op', { key: 'op', label: 'op', graph }]])
  return { title: 'one op', slots, segments, phases: { forward: [action] } }
}

/** Runs a graph on an executor of its own, and gives that back. More than once: each time is added to the last. */
export async function runGraph(
  executor: Executor,
  graph: Graph,
  inputs: Inputs,
  times = 1,
): Promise<Map<string, Float32Array>> {
  const plan = planOf(graph, times > 1)
  const results = new Map<string, Float32Array>()
  try {
    await executor.prepare([plan])
    for (const { name } of graph.inputs) {
      const data = inputs.get(name) as Float64Array | Int32Array
      await executor.upload(`in.${name}`, data instanceof Int32Array ? data : Float32Array.from(data))
    }
    for (let i = 0; i < times; i++) await executor.run(plan, 'forward')
    for (const { name } of graph.outputs) results.set(name, (await executor.read(`out.${name}`)).slice())
    return results
  } finally {
    await executor.dispose()
  }
}

/** float32 keeps about seven digits; sums of a few hundred terms lose one or two. */
export const float32Limit = 2e-5

/** The largest difference, relative to the largest number of its tensor; infinite where numbers are missing. */
export function worstDifference(got: Outputs, wanted: Outputs, factor = 1): number {
  let worst = 0
  for (const [name, expected] of wanted) {
    const actual = got.get(name)
    if (actual?.length !== expected.length) return Infinity
    const scale = Math.max(1e-3, ...Array.from(expected, Math.abs)) * factor
    for (let i = 0; i < expected.length; i++) {
      const difference = Math.abs((actual[i] as number) - (expected[i] as number) * factor) / scale
      worst = Number.isNaN(difference) ? Infinity : Math.max(worst, difference)
    }
  }
  return worst
}
