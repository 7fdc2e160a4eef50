import { describe, expect, it, onTestFinished } from 'vitest'
import { differentiate } from '../../../../main/engine/autodiff'
import { cpuOnnxBackend } from '../../../../main/engine/backends/cpu-onnx'
import { createSessionTable, runActions, type SessionTable } from '../../../../main/engine/backends/cpu-onnx/sessions'
import { referenceBackend } from '../../../../main/engine/backends/reference'
import { createGraphBuilder, optimise } from '../../../../main/engine/graph'
import { findMethod } from '../../../../main/engine/methods'
import { defineModel } from '../../../../main/engine/models'
import { planTraining, type Backend, type Plan } from '../../../../main/engine/plan'
import { hashUniform } from '../../../../main/engine/rng'
import { tinyConfig } from '../../models/tiny-llama'
import { oneSegmentPlan } from '../one-segment'

const optimiser = { betas: [0.9, 0.999] as const, epsilon: 1e-8, weightDecay: 0, maxGradNorm: 1 }
const model = defineModel({ ...tinyConfig, num_hidden_layers: 5 })
function planWith(targets: string, keepLayers = 0): Plan {
  const method = findMethod('lora').apply(model, { r: 2, targets })
  return planTraining({ model, method, optimiser, batch: 1, length: 8, maxLength: 8, headRows: 4, keepLayers })
}

async function compiled(...plans: readonly Plan[]): Promise<SessionTable> {
  const table = createSessionTable(1)
  onTestFinished(() => table.release())
  for (const plan of plans) await table.compile(plan)
  return table
}
const sessionsOf = (table: SessionTable, plan: Plan) =>
  new Set(runActions(plan).flatMap((action) => table.of(action).session ?? []))

describe('sessions', () => {
  it('are one for each segment of a plan, however many layers run it', async () => {
    const plan = planWith('q_proj')
    const table = await compiled(plan)
    // embed, gather and scatter run on the host; block, head, block' and the lowest block' of five layers and two chunks of rows.
    expect(plan.segments.size).toBe(7)
    expect(runActions(plan)).toHaveLength(1 + 5 + 2 + 2 + 5)
    expect(sessionsOf(table, plan).size).toBe(4)
  })

  it('are shared by plans with equal segments', async () => {
    const [first, again, other] = [planWith('q_proj'), planWith('q_proj'), planWith('q_proj', 1)]
    const table = await compiled(first, again, other)
    expect(sessionsOf(table, again)).toEqual(sessionsOf(table, first))
    const all = new Set([...sessionsOf(table, first), ...sessionsOf(table, other)])
    // The last layer, which is kept, has two of its own.
    expect(all.size).toBe(4 + 2)
  })

  it('are apart where one adds to a slot and the other replaces it', async () => {
    const g = createGraphBuilder()
    const x = g.input('x', [2, 2])
    g.output('y', g.one('mul', [x, x], {}))
    const [adding, replacing] = [oneSegmentPlan(g.graph(), ['y']), oneSegmentPlan(g.graph())]
    const table = await compiled(adding, replacing)
    expect(sessionsOf(table, adding)).not.toEqual(sessionsOf(table, replacing))
  })
})

describe('dropout', () => {
  const [rows, width, rate, stream] = [40, 30, 0.3, 5]
  const g = createGraphBuilder()
  const [x, seed] = [g.input('x', [rows, width]), g.input('seed', [1], 'i32')]
  g.output('y', g.one('dropout', [x, seed], { rate, stream }))
  const plan = oneSegmentPlan(g.graph())

  async function masks(backend: Backend, seeds: readonly number[]): Promise<Float32Array[]> {
    const executor = await backend.open({ threads: 1 })
    onTestFinished(() => executor.dispose())
    await executor.prepare([plan])
    await executor.upload('x', new Float32Array(rows * width).fill(1))
    const results: Float32Array[] = []
    for (const value of seeds) {
      await executor.upload('seed', Int32Array.of(value))
      await executor.run(plan, 'forward')
      results.push((await executor.read('y')).slice())
    }
    return results
  }

  it('draws the masks of the reference back end, a new one for each seed', async () => {
    const seeds = [7, -7, 2 ** 31 - 1, 7]
    const drawn = await masks(cpuOnnxBackend, seeds)
    expect(drawn).toEqual(await masks(referenceBackend, seeds))
    expect(drawn[3]).toEqual(drawn[0])
    expect(drawn[1]).not.toEqual(drawn[0])
  })

  it('keeps 1 − rate of the numbers, enlarged so that the mean stays', async () => {
    const [mask] = await masks(cpuOnnxBackend, [11])
    const kept = mask!.filter((value) => value !== 0)
    expect(new Set(kept)).toEqual(new Set([Math.fround(1 / (1 - rate))]))
    expect(kept.length / mask!.length).toBeCloseTo(1 - rate, 1)
    mask!.forEach((value, i) => expect(value > 0).toBe(hashUniform(11, stream, i) >= rate))
  })

  it('is the same mask for the gradient as for the value', async () => {
    const both = createGraphBuilder()
    const [x, seed, dy] = [
      both.input('x', [rows, width]),
      both.input('seed', [1], 'i32'),
      both.input('dy', [rows, width]),
    ]
    const y = both.one('dropout', [x, seed], { rate, stream })
    const [dx] = differentiate(both, new Map([[y, dy]]), [x])
    both.output('dx', dx!)
    const executor = await cpuOnnxBackend.open({ threads: 1 })
    onTestFinished(() => executor.dispose())
    const backward = oneSegmentPlan(optimise(both.graph()))
    await executor.prepare([backward])
    await executor.upload('seed', Int32Array.of(7))
    await executor.upload('dy', new Float32Array(rows * width).fill(1))
    await executor.run(backward, 'forward')
    const [mask] = await masks(cpuOnnxBackend, [7])
    expect(await executor.read('dx')).toEqual(mask)
  })
})
