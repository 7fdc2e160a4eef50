import { describe, expect, it, onTestFinished } from 'vitest'
import { referenceBackend } from '../../../main/engine/backends/reference'
import { findMethod } from '../../../main/engine/methods'
import { defineModel } from '../../../main/engine/models'
import type { AppliedMethod } from '../../../main/engine/nn'
import {
  feedBatch,
  headParameters,
  isDue,
  planEvaluation,
  planTraining,
  type Executor,
  type Plan,
} from '../../../main/engine/plan'
import { createRng } from '../../../main/engine/rng'
import { collate } from '../../../main/engine/text'
import { openPlans, randomWeights, tinyConfig } from '../models/tiny-llama'
import { noContext } from '../no-context'

const model = defineModel({ ...tinyConfig, num_hidden_layers: 3 })
const weights = randomWeights(model, 21)
const shape = { batch: 2, length: 14, maxLength: 14 }
const optimiser = { betas: [0.9, 0.999] as const, epsilon: 1e-8, weightDecay: 0, maxGradNorm: 0 }

const rng = createRng(8)
const examples = [14, 9].map((length) => ({
  ids: Int32Array.from({ length }, () => rng.integer(11)),
  trained: Uint8Array.from({ length }, (_, i) => Number(i > 2)),
}))
const batch = collate(examples, { rows: shape.batch, length: shape.length }, 0)

const lora = (targets: string): AppliedMethod => findMethod('lora').apply(model, { r: 2, targets })
const training = (method: AppliedMethod, headRows?: number): Plan =>
  planTraining({ model, method, optimiser, ...shape, ...(headRows && { headRows }) })

async function open(plan: Plan, method: AppliedMethod): Promise<Executor> {
  const executor = await openPlans(referenceBackend, model, weights, [plan], shape.maxLength)
  onTestFinished(() => executor.dispose())
  // A is a function of its name alone, B is 0: whatever else is trained, the model answers the same.
  for (const { name, initial } of method.trainable)
    if (initial !== 'checkpoint') await executor.upload(name, await initial(createRng(name.length), noContext))
  await feedBatch(executor, plan, batch, 1 / batch.trainedTokens)
  await executor.upload('loss.scale', Float32Array.of(1))
  return executor
}

/** The loss and every gradient of one micro-batch, by slot. */
async function gradients(plan: Plan, method: AppliedMethod): Promise<Map<string, Float32Array>> {
  const executor = await open(plan, method)
  for (const phase of ['begin', 'forward', 'backward'] as const) await executor.run(plan, phase, headParameters(batch))
  const names = ['loss', ...method.trainable.map(({ name }) => `${name}.grad`)]
  const results = new Map<string, Float32Array>()
  for (const name of names) results.set(name, await executor.read(name))
  return results
}

function expectEqual(got: ReadonlyMap<string, Float32Array>, wanted: ReadonlyMap<string, Float32Array>): void {
  for (const [name, values] of wanted)
    got.get(name)!.forEach((value, i) => expect(Math.abs(value - values[i]!), name).toBeLessThan(1e-6))
}

describe('the rows of a loss-head chunk', () => {
  const chunks = (plan: Plan): number =>
    (plan.phases.backward ?? []).filter((action) => action.do === 'run' && action.segment.startsWith('head-')).length

  it.each([
    [1, 28],
    [3, 14],
    [7, 4],
    [13, 4],
    [28, 1],
    [1000, 1],
  ])('%d at most make %d chunks, with the loss and gradients of all at once', async (headRows, count) => {
    const method = findMethod('full').apply(model, {})
    const plan = training(method, headRows)
    expect(chunks(plan)).toBe(count)
    const whole = await gradients(training(method), method)
    expect(whole.get('loss')?.[0]).toBeGreaterThan(1)
    expectEqual(await gradients(plan, method), whole)
  })

  it('are not run where none of their rows bears loss', async () => {
    const method = findMethod('full').apply(model, {})
    const plan = training(method, 1)
    const due = (plan.phases.backward ?? []).filter(
      (action) => action.do === 'run' && action.when && isDue(action, headParameters(batch)),
    )
    expect(batch.trainedTokens).toBeLessThan(28)
    expect(due).toHaveLength(batch.trainedTokens)
    expect(() => plan.phases.backward?.map((action) => isDue(action, {}))).toThrow(
      /run parameter trainedRows, got none/,
    )
  })

  it('change no evaluated loss either', async () => {
    const method = findMethod('full').apply(model, {})
    const loss = async (headRows: number): Promise<number> => {
      const plan = planEvaluation({ model, method, ...shape, headRows })
      const executor = await openPlans(referenceBackend, model, weights, [plan], shape.maxLength)
      onTestFinished(() => executor.dispose())
      await feedBatch(executor, plan, batch, 1 / batch.trainedTokens)
      await executor.run(plan, 'evaluate', headParameters(batch))
      return (await executor.read('loss'))[0] as number
    }
    expect(await loss(5)).toBeCloseTo(await loss(28), 6)
    expect(await loss(5)).toBeCloseTo((await gradients(training(method), method)).get('loss')![0]!, 6)
  })
})

describe('the backward pass of one matrix in the last layer', () => {
  const top = 'model.layers.2.self_attn.q_proj'

  it('enters that layer only, and no gradient of a stream below is made', () => {
    const plan = training(lora(top))
    const back = [...plan.segments.values()].filter(({ label }) => label === "block'")
    expect(back).toHaveLength(1)
    expect(back[0]?.graph.outputs.map(({ name }) => name)).toEqual(['d 0', 'd 1'])
    const keys = (plan.phases.backward ?? []).flatMap((action) => (action.do === 'run' ? [action.segment] : []))
    expect(keys.filter((key) => key === back[0]?.key)).toHaveLength(1)
  })

  it('gives the gradients that the whole pass gives', async () => {
    const [one, all] = [lora(top), lora('all-linear')]
    const some = await gradients(training(one), one)
    expect(some.get(`${top}.lora_B.weight.grad`)?.some((value) => Math.abs(value) > 1e-4)).toBe(true)
    const everything = await gradients(training(all), all)
    expectEqual(everything, some)
  })

  it('has no segment that is never run', () => {
    for (const method of [lora(top), lora('all-linear'), findMethod('full').apply(model, {})]) {
      const plan = training(method)
      const run = Object.values(plan.phases).flatMap((list) => list.flatMap((a) => (a.do === 'run' ? [a.segment] : [])))
      expect(new Set(run)).toEqual(new Set(plan.segments.keys()))
    }
  })
})

describe('a layer that differs', () => {
  it('has a backward segment of its own, and equal ones share theirs', () => {
    const backward = (targets: string): string[] =>
      (training(lora(targets)).phases.backward ?? []).flatMap((action) =>
        action.do === 'run' && action.segment.startsWith("block'") ? [action.segment] : [],
      )
    const [third, second, first] = backward('q_proj, 1.mlp.up_proj')
    // The first layer passes nothing further down: that is another graph.
    expect(new Set([first, second, third]).size).toBe(3)
    const [last, middle] = backward('q_proj')
    expect(middle).toBe(last)
  })
})
