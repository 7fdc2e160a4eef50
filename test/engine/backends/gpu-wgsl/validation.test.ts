import { describe, expect, it } from 'vitest'
import { describeGpuWgsl, gpuWgslBackend } from '../../../../main/engine/backends/gpu-wgsl'
import { sums } from '../accumulate-contract'
import { titledCases } from '../op-agreement'
import { oneSegmentPlan } from '../one-segment'
import { smallPlan } from '../small-plan'
import { buildGraph } from '../../ops/op-cases'

/** Dawn's back end without a device: it checks shaders, bindings and commands on every system, and computes nothing. */
const unchecked = gpuWgslBackend(['backend=null'])

describe('without a device', () => {
  it('every shader compiles, every binding fits it, and every phase can be submitted', async () => {
    const executor = await unchecked.open({ threads: 1 })
    const plans = [...titledCases.map(({ opCase }) => buildGraph(opCase)), sums.twice].flatMap((graph) => [
      oneSegmentPlan(graph),
      oneSegmentPlan(
        graph,
        graph.outputs.map(({ name }) => name),
      ),
    ])
    for (const plan of plans) {
      await executor.prepare([plan])
      await executor.run(plan, 'forward')
      for (const name of plan.slots.keys()) if (name.startsWith('out')) await executor.read(name)
    }
    const update = smallPlan({ rows: 4, maximum: 1 })
    await executor.prepare([update])
    for (const phase of ['begin', 'forward', 'backward'] as const) await executor.run(update, phase)
    await executor.run(update, 'logits', { from: 3, to: 1 })
    await executor.run(update, 'update', { learningRate: 0.1, step: 1 })
    expect((await executor.read('norm')).length).toBe(1)
    await executor.dispose()
  })
})

describe('a machine that has no device', () => {
  it('says so, and what to do', async () => {
    await expect(gpuWgslBackend(['adapter=none of this name']).open({ threads: 1 })).rejects.toThrow(
      /expected a graphics device, got none/,
    )
    await expect(describeGpuWgsl(['adapter=none of this name'])).rejects.toMatchObject({ code: 'device-unavailable' })
  })
})
