import { describe, expect, it, onTestFinished } from 'vitest'
import { cpuOnnxBackend } from '../../../main/engine/backends/cpu-onnx'
import { findMethod } from '../../../main/engine/methods'
import { defineModel } from '../../../main/engine/models'
import { planTraining, type Executor } from '../../../main/engine/plan'
import { createRng } from '../../../main/engine/rng'
import {
  initialProgress,
  train,
  type TrainHost,
  type TrainingData,
  type TrainSettings,
} from '../../../main/engine/train'
import { openPlans, randomWeights, tinyConfig } from '../models/tiny-llama'

const model = defineModel(tinyConfig)
const method = findMethod('full').apply(model, {})
const optimiser = { betas: [0.9, 0.999] as const, epsilon: 1e-8, weightDecay: 0, maxGradNorm: 1 }
const plan = planTraining({ model, method, optimiser, batch: 2, length: 16, maxLength: 16 })

const rng = createRng(17)
const data: TrainingData = {
  examples: Array.from({ length: 4 }, () => ({
    ids: Int32Array.from({ length: 10 }, () => rng.integer(11)),
    trained: new Uint8Array(10).fill(1),
  })),
  batchSize: 2,
  accumulation: 1,
  maxLength: 16,
  padId: 0,
  seed: 1,
}
const settings: TrainSettings = {
  steps: 30,
  epochs: 1,
  learningRate: 1e-3,
  schedule: 'constant',
  warmup: 0,
  evaluateEvery: 0,
  checkpointEvery: 0,
  patience: 0,
}

async function open(): Promise<Executor> {
  const executor = await openPlans(cpuOnnxBackend, model, randomWeights(model, 2), [plan], 16)
  onTestFinished(() => executor.dispose())
  return executor
}

interface Failed {
  readonly message: string
  /** Steps that were reported and saved. */
  readonly steps: readonly number[]
  readonly saves: readonly number[]
}

async function failing(executor: Executor, change: Partial<TrainSettings>): Promise<Failed> {
  const steps: number[] = []
  const saves: number[] = []
  const host: TrainHost = {
    onStep: ({ progress }) => void steps.push(progress.step),
    evaluate: async () => undefined,
    onEvaluated: async () => {},
    save: async ({ step }) => void saves.push(step),
    control: async () => 'continue',
    breathe: async () => {},
  }
  const input = { executor, model, method, data, planOf: () => plan, host, from: initialProgress }
  const message = await train({ ...input, settings: { ...settings, ...change } }).then(
    () => 'it did not fail',
    (error: unknown) => (error as Error).message,
  )
  return { message, steps, saves }
}

/** The executor with a gradient norm that is no number at one step: an overflow in the backward pass alone. */
function withBrokenNorm(executor: Executor, at: number): Executor {
  let norms = 0
  return {
    ...executor,
    read: async (slot) => (slot === 'gradNorm' && ++norms === at ? Float32Array.of(NaN) : executor.read(slot)),
  }
}

describe('a learning rate far too high', () => {
  it('ends the run once the loss has been high for long, and what is then on disk is from before', async () => {
    const { message, steps, saves } = await failing(await open(), { learningRate: 20, checkpointEvery: 1 })
    expect(message).toMatch(/^step \d+: the loss has been above twice its first value/)
    expect(saves).toEqual(steps.slice(0, saves.length))
    expect(steps.length - saves.length).toBeGreaterThanOrEqual(8)
    expect(saves.length).toBeGreaterThan(0)
  })

  it('leaves something to look at where nothing was saved before', async () => {
    const { steps, saves } = await failing(await open(), { learningRate: 20 })
    expect(saves).toEqual([steps.at(-1)])
  })
})

describe('a gradient that is not finite', () => {
  it('keeps the state before that step, which is good', async () => {
    const failed = await failing(withBrokenNorm(await open(), 4), {})
    expect(failed.message).toMatch(/^step 4: expected finite numbers, got a gradient norm NaN; .*lower learning rate/)
    expect(failed).toMatchObject({ steps: [1, 2, 3], saves: [3] })
  })

  it('saves nothing twice', async () => {
    expect(await failing(withBrokenNorm(await open(), 4), { checkpointEvery: 3 })).toMatchObject({ saves: [3] })
    expect(await failing(withBrokenNorm(await open(), 1), {})).toMatchObject({ steps: [], saves: [0] })
  })
})
