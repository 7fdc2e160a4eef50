import { beforeAll, describe, expect, it } from 'vitest'
import { referenceBackend } from '../../../main/engine/backends/reference'
import { findMethod } from '../../../main/engine/methods'
import { defineModel } from '../../../main/engine/models'
import { planTraining, type Executor, type Plan } from '../../../main/engine/plan'
import { createRng } from '../../../main/engine/rng'
import { collate, type Batch } from '../../../main/engine/text'
import {
  bucketsOf,
  createWindows,
  initialProgress,
  stepsPerEpoch,
  totalSteps,
  train,
  trainStep,
  type Progress,
  type StepReport,
  type TrainHost,
  type TrainingData,
  type TrainSettings,
} from '../../../main/engine/train'

const vocabulary = 12
const model = defineModel({
  model_type: 'llama',
  hidden_size: 8,
  intermediate_size: 12,
  num_hidden_layers: 1,
  num_attention_heads: 2,
  vocab_size: vocabulary,
  tie_word_embeddings: true,
})
const method = findMethod('full').apply(model, {})
const optimiser = { betas: [0.9, 0.999] as const, epsilon: 1e-8, weightDecay: 0, maxGradNorm: 1 }
const maxLength = 16
const rng = createRng(3)
const exampleOf = (length: number) => ({
  ids: Int32Array.from({ length }, () => rng.integer(vocabulary)),
  trained: new Uint8Array(length).fill(1),
})
const dataOf = (lengths: readonly number[], batchSize: number, accumulation = 1): TrainingData => ({
  examples: lengths.map(exampleOf),
  batchSize,
  accumulation,
  maxLength,
  padId: 0,
  seed: 9,
})

async function openSession(plans: readonly Plan[]): Promise<Executor> {
  const executor = await referenceBackend.open({ threads: 0 })
  await executor.prepare(plans)
  const weights = createRng(1)
  for (const { name, shape } of model.weights) {
    const length = shape.reduce((a, b) => a * b, 1)
    const data = Float32Array.from({ length }, () => (shape.length === 1 ? 1 : 0.3 * weights.normal()))
    await executor.upload(name, data)
  }
  for (const { name, make } of model.constants(maxLength)) await executor.upload(name, make())
  return executor
}

const planOf = (batch: number, length: number): Plan =>
  planTraining({ model, method, batch, length, maxLength, optimiser })

describe('windows', () => {
  const data = dataOf([5, 9, 3, 12, 7, 4, 6], 2, 2)

  it('meet every row once an epoch, in micro-batches of the given size, the last window a partial one', () => {
    const windowOf = createWindows(data)
    expect(stepsPerEpoch(data)).toBe(2)
    const batches = [1, 2].flatMap(windowOf)
    expect(batches.map((batch) => batch.rows)).toEqual([2, 2, 2, 2])
    expect(batches.reduce((sum, batch) => sum + batch.tokens, 0)).toBe(5 + 9 + 3 + 12 + 7 + 4 + 6)
  })

  it('are a pure function of the step', () => {
    const forwards = createWindows(data)
    const inOrder = [1, 2, 3, 4, 5].map(forwards)
    const jumping = createWindows(data)
    for (const step of [5, 1, 4, 2, 3]) expect(jumping(step)).toEqual(inOrder[step - 1])
    const long = createWindows(
      dataOf(
        Array.from({ length: 48 }, (_, i) => 3 + (i % 12)),
        4,
      ),
    )
    expect(long(13)).not.toEqual(long(1))
  })

  it('need so many steps', () => {
    expect(totalSteps(data, { epochs: 1 })).toBe(2)
    expect(totalSteps(data, { epochs: 1.5 })).toBe(3)
    expect(totalSteps(data, { epochs: 1, steps: 7 })).toBe(7)
    expect(bucketsOf(data)).toEqual([8, 16])
  })
})

it('four examples in one batch, or one by one in four micro-batches of unequal length, make the same step', async () => {
  const examples = [4, 9, 14, 6].map(exampleOf)
  const whole = [collate(examples, { rows: 4, length: 16 }, 0)]
  const apart = examples.map((example) => collate([example], { rows: 1, length: 16 }, 0))
  const results = []
  for (const batches of [whole, apart]) {
    const plan = planOf(batches[0]?.rows ?? 1, 16)
    const executor = await openSession([plan])
    const input = { batches, planOf: () => plan, learningRate: 0.01, step: 1, seed: 0 }
    const { loss, gradNorm } = await trainStep(executor, model, method, input)
    const weights: number[] = []
    for (const { name } of model.weights) weights.push(...(await executor.read(name)))
    results.push([loss, gradNorm, ...weights])
  }
  const [first, second] = results as [number[], number[]]
  expect(first.length).toBe(second.length)
  first.forEach((value, i) => expect(Math.abs((second[i] as number) - value)).toBeLessThan(1e-6))
})

describe('the loop', () => {
  const data = dataOf([6, 6, 6, 6], 2)
  const settings: TrainSettings = {
    steps: 6,
    epochs: 1,
    learningRate: 0.02,
    schedule: 'constant',
    warmup: 0,
    evaluateEvery: 2,
    checkpointEvery: 3,
    patience: 0,
  }
  const plan = planOf(2, 8)
  let executor: Executor
  beforeAll(async () => void (executor = await openSession([plan])))

  interface Told {
    readonly steps: StepReport[]
    readonly saves: number[]
    readonly evaluations: number[]
  }

  /** A host that writes down what it is told; validation losses and controls come from the test. */
  function listener(losses: (step: number) => number | undefined, stopAt?: number) {
    const told: Told = { steps: [], saves: [], evaluations: [] }
    let step = 0
    const host: TrainHost = {
      onStep: (report) => {
        step = report.progress.step
        told.steps.push(report)
      },
      evaluate: async (at) => losses(at),
      onEvaluated: async (at) => void told.evaluations.push(at),
      save: async (progress) => void told.saves.push(progress.step),
      control: async () => (step === stopAt ? 'stop' : 'continue'),
      breathe: async () => {},
    }
    return { host, told }
  }
  const run = (host: TrainHost, change: Partial<TrainSettings> = {}, from: Progress = initialProgress) => {
    const fixed = { executor, model, method, data, planOf: (_batch: Batch) => plan, from, host }
    return train({ ...fixed, settings: { ...settings, ...change } })
  }

  it('evaluates and saves when it is due, and no step twice', async () => {
    const { host, told } = listener((step) => 10 - step)
    const { outcome, progress } = await run(host)
    expect(outcome).toBe('done')
    expect(told.evaluations).toEqual([2, 4, 6])
    expect(told.saves).toEqual([2, 3, 4, 6])
    expect(progress).toMatchObject({ step: 6, bestStep: 6, bestLoss: 4, stale: 0 })
  })

  it('saves at its end where nothing was evaluated', async () => {
    const { host, told } = listener(() => undefined)
    await run(host, { checkpointEvery: 0 })
    expect(told).toMatchObject({ saves: [6], evaluations: [] })
  })

  it('stops when the validation loss has not become better for long enough', async () => {
    const { host, told } = listener((step) => step)
    const { outcome, progress } = await run(host, { steps: 40, patience: 2, checkpointEvery: 0 })
    expect(outcome).toBe('early')
    expect(progress).toMatchObject({ step: 6, bestStep: 2, stale: 2 })
    expect(told.saves).toEqual([2, 6])
  })

  it('stops between steps, with its work saved', async () => {
    const { host, told } = listener(() => undefined, 4)
    const { outcome, progress } = await run(host, { checkpointEvery: 0 })
    expect({ outcome, step: progress.step }).toEqual({ outcome: 'stopped', step: 4 })
    expect(told.saves).toEqual([4])
  })

  it('keeps the last good state where a step is not finite, and says what to do', async () => {
    const broken = await openSession([plan])
    await broken.upload('model.norm.weight', new Float32Array(8).fill(NaN))
    const { host, told } = listener(() => undefined)
    const fixed = { model, method, data, planOf: () => plan, settings, from: initialProgress, host }
    await expect(train({ ...fixed, executor: broken })).rejects.toThrow(/step 1: .*lower learning rate/)
    expect(told).toMatchObject({ saves: [0], steps: [] })
  })
})

it('learns one example by heart', async () => {
  // No token twice in a row at its start: two equal prefixes of one repeated token look the same to attention.
  const ids = Int32Array.of(3, 7, 3, 1, 0, 9, 11, 7, 2, 5)
  const data = { ...dataOf([], 1), examples: [{ ids, trained: new Uint8Array(10).fill(1) }] }
  const plan = planOf(1, 16)
  const executor = await openSession([plan])
  const windowOf = createWindows(data)
  let loss = Infinity
  for (let step = 1; step <= 200; step++) {
    const input = { batches: windowOf(step), planOf: () => plan, learningRate: 0.02, step, seed: 0 }
    loss = (await trainStep(executor, model, method, input)).loss
  }
  expect(loss).toBeLessThan(0.01)
})
