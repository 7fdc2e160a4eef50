import { describe, expect, it, onTestFinished } from 'vitest'
import { cpuOnnxBackend } from '../../../main/engine/backends/cpu-onnx'
import { referenceBackend } from '../../../main/engine/backends/reference'
import { evaluateLoss } from '../../../main/engine/evaluate'
import { findMethod } from '../../../main/engine/methods'
import { defineModel } from '../../../main/engine/models'
import type { AppliedMethod } from '../../../main/engine/nn'
import {
  feedBatch,
  planEvaluation,
  planTraining,
  type Backend,
  type Executor,
  type Plan,
} from '../../../main/engine/plan'
import { createRng } from '../../../main/engine/rng'
import { collate, joinExamples, type Batch, type Example } from '../../../main/engine/text'
import { trainStep } from '../../../main/engine/train'
import { openPlans, randomWeights, tinyConfig } from '../models/tiny-llama'

const model = defineModel(tinyConfig)
const { vocabSize } = model.config
const weights = randomWeights(model, 21)
const optimiser = { betas: [0.9, 0.999] as const, epsilon: 1e-8, weightDecay: 0, maxGradNorm: 0 }
const maxLength = 32

const rng = createRng(8)
const examples: readonly Example[] = [14, 9, 5, 11, 3, 16].map((length) => ({
  ids: Int32Array.from({ length }, () => rng.integer(vocabSize)),
  trained: Uint8Array.from({ length }, (_, i) => Number(i !== 1)),
}))
const pick = (...members: number[]): Example[] => members.map((member) => examples[member] as Example)

/** The same six examples, as a batch of six rows and packed into two micro-batches of two rows. */
const apart = [collate(examples, { rows: 6, length: 16 }, 0)]
const packed = [
  collate([joinExamples(pick(0, 3, 4)), joinExamples(pick(5))], { rows: 2, length: 32 }, 0),
  collate([joinExamples(pick(2, 1))], { rows: 2, length: 16 }, 0),
]

interface Layout {
  readonly backend: Backend
  readonly method: AppliedMethod
  readonly batches: readonly Batch[]
  readonly keepLayers?: number
}

/** Loss, gradient norm and all gradients of one step over the batches. */
async function stepOf({ backend, method, batches, keepLayers = 0 }: Layout): Promise<number[]> {
  const plans = new Map<Batch, Plan>()
  for (const batch of batches) {
    const { rows, length } = batch
    plans.set(batch, planTraining({ model, method, optimiser, batch: rows, length, maxLength, keepLayers }))
  }
  const executor = await openPlans(backend, model, weights, [...plans.values()], maxLength)
  onTestFinished(() => executor.dispose())
  for (const { name, initial, shape } of method.trainable)
    // B too is not zero, so that A has a gradient.
    if (initial !== 'checkpoint')
      await executor.upload(
        name,
        noise(
          shape.reduce((a, b) => a * b, 1),
          name.length,
        ),
      )
  const planOf = (batch: Batch): Plan => plans.get(batch) as Plan
  const { loss, gradNorm } = await trainStep(executor, model, method, {
    batches,
    planOf,
    learningRate: 0,
    step: 1,
    seed: 0,
  })
  const gradients: number[] = []
  for (const { name } of method.trainable) gradients.push(...(await executor.read(`${name}.grad`)))
  return [loss, gradNorm, ...gradients]
}

function noise(length: number, seed: number): Float32Array {
  const random = createRng(seed)
  return Float32Array.from({ length }, () => 0.3 * random.normal())
}

const largestDifference = (a: ArrayLike<number>, b: ArrayLike<number>): number =>
  Array.from(a).reduce((most, value, i) => Math.max(most, Math.abs(value - (b[i] as number))), 0)

describe.each(['full', 'lora'])('a packed step of %s', (id) => {
  const method = findMethod(id).apply(model, id === 'lora' ? { r: 2, alpha: 2 } : {})

  it('has the loss and the gradients of the unpacked one in float64', async () => {
    const [expected, got] = [
      await stepOf({ backend: referenceBackend, method, batches: apart }),
      await stepOf({ backend: referenceBackend, method, batches: packed }),
    ]
    expect(expected.length).toBeGreaterThan(200)
    expect(got).toHaveLength(expected.length)
    // Slots are computed in float64 and read as float32: that hundreds of values are read as the same ones says that
    // the computed ones are much closer than float32 can tell.
    const unequal = expected.filter((value, i) => value !== got[i])
    expect(unequal.length / expected.length).toBeLessThan(0.002)
    expect(largestDifference(got, expected) / (expected[1] as number)).toBeLessThan(1e-7)
  })

  it.each([0, 1, 2])('has them on the CPU back end, %d layers kept', async (keepLayers) => {
    const [expected, got] = [
      await stepOf({ backend: referenceBackend, method, batches: apart }),
      await stepOf({ backend: cpuOnnxBackend, method, batches: packed, keepLayers }),
    ]
    expect(got).toHaveLength(expected.length)
    // Of the norm of the gradients: single ones come close to zero.
    expect(largestDifference(got, expected) / (expected[1] as number)).toBeLessThan(1e-5)
  })
})

async function openEvaluation(backend: Backend, batches: readonly Batch[]) {
  const method = findMethod('full').apply(model, {})
  const plans = batches.map(({ rows: batch, length }) =>
    planEvaluation({ model, method, batch, length, maxLength, logits: true }),
  )
  const executor = await openPlans(backend, model, weights, plans, maxLength)
  onTestFinished(() => executor.dispose())
  return { executor, inputs: batches.map((batch, i) => ({ batch, plan: plans[i] as Plan })) }
}

describe.each([referenceBackend, cpuOnnxBackend])('on $name', (backend) => {
  it('packed rows have the loss of unpacked ones', async () => {
    const losses = []
    for (const batches of [apart, packed]) {
      const { executor, inputs } = await openEvaluation(backend, batches)
      losses.push(await evaluateLoss(executor, inputs))
    }
    expect(losses[1]?.tokens).toBe(losses[0]?.tokens)
    expect(Math.abs((losses[1]?.loss ?? NaN) - (losses[0]?.loss ?? NaN))).toBeLessThan(1e-6)
  })

  it('no text of a row knows another: what changes in one changes no bit of what is said of the others', async () => {
    const members = pick(0, 3, 4)
    const rowWith = (changed: number): Batch => {
      const texts = members.map((example, i) =>
        i === changed ? { ...example, ids: example.ids.map((token) => (token + 1) % vocabSize) } : example,
      )
      return collate([joinExamples(texts)], { rows: 1, length: 32 }, 0)
    }
    const { executor, inputs } = await openEvaluation(backend, [rowWith(-1)])
    const { plan } = inputs[0] as { plan: Plan }
    const before = await logitsOf(executor, plan, rowWith(-1), members)
    for (const changed of [0, 1, 2]) {
      const after = await logitsOf(executor, plan, rowWith(changed), members)
      after.forEach((logits, i) =>
        i === changed
          ? expect(largestDifference(logits, before[i] ?? [])).toBeGreaterThan(1e-3)
          : expect(logits).toEqual(before[i]),
      )
    }
  })
})

/** The logits of each text of a row. */
async function logitsOf(executor: Executor, plan: Plan, row: Batch, texts: readonly Example[]): Promise<number[][]> {
  await feedBatch(executor, plan, row, 1)
  await executor.run(plan, 'logits')
  const all = [...(await executor.read('logits'))]
  let start = 0
  return texts.map(({ ids }) => {
    const from = start
    start += ids.length
    return all.slice(from * vocabSize, start * vocabSize)
  })
}
