import { describe, expect, test } from 'vitest'
import { cpuOnnxBackend } from '../../../../main/engine/backends/cpu-onnx'
import { evaluateGraph } from '../../../../main/engine/backends/reference'
import { optimise, type Graph } from '../../../../main/engine/graph'
import type { Bindings, Plan, RunAction, Slot } from '../../../../main/engine/plan'
import { buildGradientGraph, buildGraph, differentiableInputs, makeInputs, opCases } from '../../ops/op-cases'

type Arrays = ReadonlyMap<string, Float64Array | Int32Array>

/** One segment that is the whole graph, each port a slot of its own. */
function planOf(graph: Graph, accumulate: boolean): Plan {
  const slots = new Map<string, Slot>()
  const bind = (side: 'in' | 'out', ports: Graph['inputs']): Bindings =>
    Object.fromEntries(
      ports.map(({ name, value }) => {
        const slot = `${side}.${name}`
        slots.set(slot, {
          name: slot,
          shape: value.shape,
          dtype: value.dtype,
          role: side === 'in' ? 'batch' : 'gradient',
        })
        return [name, { slot, ...(side === 'out' && accumulate ? { accumulate } : {}) }]
      }),
    )
  const action: RunAction = {
    do: 'run',
    segment: 'op',
    inputs: bind('in', graph.inputs),
    outputs: bind('out', graph.outputs),
    note: '',
  }
  const segments = new Map([['op', { key: 'op', label: 'op', graph }]])
  return { title: 'one op', slots, segments, phases: { forward: [action] } }
}

async function runOnCpu(graph: Graph, inputs: Arrays, times = 1): Promise<ReadonlyMap<string, Float32Array>> {
  const plan = planOf(graph, times > 1)
  const executor = await cpuOnnxBackend.open({ threads: 1 })
  try {
    await executor.prepare([plan])
    for (const { name } of graph.inputs) {
      const data = inputs.get(name) as Float64Array | Int32Array
      await executor.upload(`in.${name}`, data instanceof Int32Array ? data : Float32Array.from(data))
    }
    for (let i = 0; i < times; i++) await executor.run(plan, 'forward')
    const read = async (name: string) => [name, (await executor.read(`out.${name}`)).slice()] as const
    return new Map(await Promise.all(graph.outputs.map(({ name }) => read(name))))
  } finally {
    await executor.dispose()
  }
}

/** float32 keeps about seven digits; sums of a few hundred terms lose one or two. */
function expectClose(
  got: ReadonlyMap<string, Float32Array>,
  wanted: ReadonlyMap<string, Float64Array>,
  factor = 1,
): void {
  for (const [name, expected] of wanted) {
    const scale = Math.max(1e-3, ...expected.map(Math.abs)) * factor
    const actual = got.get(name)
    expect(actual?.length, name).toBe(expected.length)
    expected.forEach((value, i) => {
      const difference = Math.abs((actual?.[i] as number) - value * factor)
      if (!(difference <= 2e-5 * scale)) expect.fail(`${name}[${i}]: expected ${value * factor}, got ${actual?.[i]}`)
    })
  }
}

const titled = opCases.map((row) => ({ title: `${row.op}: ${row.name}`, row, inputs: makeInputs(row, 7) }))

describe.each(titled)('$title', ({ row, inputs }) => {
  test('agrees with the reference', async () => {
    const graph = optimise(buildGraph(row))
    expectClose(await runOnCpu(graph, inputs), evaluateGraph(graph, inputs))
  })

  test('adds to what a slot holds where the plan says so', async () => {
    const graph = optimise(buildGraph(row))
    expectClose(await runOnCpu(graph, inputs, 3), evaluateGraph(graph, inputs), 3)
  })
})

/** The gradient of an embedding is made on the host and has no segment in common with other ops. */
const inOneSegment = titled.filter(({ row }) => {
  const differentiable = differentiableInputs[row.op as keyof typeof differentiableInputs] ?? []
  return differentiable.length > 0 && row.op !== 'embedding'
})

test.each(inOneSegment)('$title: forward and backward in one segment agree too', async ({ row, inputs }) => {
  const graph = optimise(buildGradientGraph(row))
  expectClose(await runOnCpu(graph, inputs), evaluateGraph(graph, inputs))
})
