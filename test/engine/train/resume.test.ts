import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { cpuOnnxBackend } from '../../../main/engine/backends/cpu-onnx'
import { openSafetensors } from '../../../main/engine/checkpoint'
import { findMethod } from '../../../main/engine/methods'
import { defineModel } from '../../../main/engine/models'
import { initialiseTrainables, planTraining, type Executor, type Plan } from '../../../main/engine/plan'
import { createRng } from '../../../main/engine/rng'
import { memorySink, memorySource } from '../../../main/engine/tensor'
import { packExamples, type Batch, type Example } from '../../../main/engine/text'
import {
  initialProgress,
  readTrainingState,
  train,
  writeTrainingState,
  type Progress,
  type StepReport,
  type TrainHost,
  type TrainingData,
  type TrainOutcome,
  type TrainSettings,
} from '../../../main/engine/train'
import { openPlans, randomWeights, tinyConfig } from '../models/tiny-llama'
import { noContext } from '../no-context'

const model = defineModel(tinyConfig)
const method = findMethod('lora').apply(model, { r: 2, dropout: 0.2 })
const optimiser = { betas: [0.9, 0.999] as const, epsilon: 1e-8, weightDecay: 0.01, maxGradNorm: 1 }
const plans = [8, 16].map((length) => planTraining({ model, method, optimiser, batch: 2, length, maxLength: 16 }))
const planOf = ({ length }: Batch): Plan => plans.find((plan) => plan.slots.get('batch.ids')?.shape[0] === 2 * length)!

const rng = createRng(31)
const examplesOf = (lengths: readonly number[]): Example[] =>
  lengths.map((length) => ({
    ids: Int32Array.from({ length }, () => rng.integer(11)),
    trained: new Uint8Array(length).fill(1),
  }))
const plain: TrainingData = {
  examples: examplesOf([5, 7, 4, 8, 6, 9, 5]),
  batchSize: 2,
  accumulation: 2,
  maxLength: 16,
  padId: 0,
  seed: 12,
}
const sharing = packExamples(examplesOf([5, 7, 4, 8, 6, 9, 5, 3, 6, 4, 7, 2, 8]), {
  batchSize: 4,
  maxLength: 16,
  seed: 12,
})
const layouts = {
  'one example a row': plain,
  'packed rows': { ...plain, examples: sharing.rows, batchSize: sharing.rowsPerBatch },
}
const settings: TrainSettings = {
  epochs: 5,
  learningRate: 0.02,
  schedule: 'cosine',
  warmup: 0.2,
  evaluateEvery: 3,
  checkpointEvery: 4,
  patience: 3,
}

/** Validation losses by step: a best one in the middle, so that a run that goes on must know it. */
const validation = (step: number): number => Math.abs(step - 6) + 1

interface Saved {
  readonly progress: Progress
  readonly state: Uint8Array
}

interface Recorded {
  readonly outcome: TrainOutcome
  readonly progress: Progress
  readonly steps: readonly StepReport[]
  readonly evaluations: readonly (readonly [step: number, best: boolean])[]
  readonly saves: readonly Saved[]
}

let executor: Executor
let untrained: Saved
beforeAll(async () => {
  executor = await openPlans(cpuOnnxBackend, model, randomWeights(model, 2), plans, 16)
  await initialiseTrainables(executor, method, createRng(5), noContext)
  untrained = await saved(initialProgress)
})
afterAll(() => executor.dispose())

async function saved(progress: Progress): Promise<Saved> {
  const sink = memorySink()
  await writeTrainingState(executor, method, sink)
  return { progress, state: sink.bytes() }
}

/** Trains from the beginning or from what was saved, stopping after `stopAfter` steps. */
async function record(
  change: Partial<TrainSettings>,
  from = untrained,
  stopAfter?: number,
  data: TrainingData = plain,
): Promise<Recorded> {
  await readTrainingState(executor, method, await openSafetensors(memorySource('state', from.state)))
  const steps: StepReport[] = []
  const evaluations: [number, boolean][] = []
  const saves: Saved[] = []
  const host: TrainHost = {
    onStep: (report) => void steps.push(report),
    evaluate: async (step) => validation(step),
    onEvaluated: async (step, _loss, best) => void evaluations.push([step, best]),
    save: async (progress) => void saves.push(await saved(progress)),
    control: async ({ step }) => (step === stopAfter ? 'stop' : 'continue'),
    breathe: async () => {},
  }
  const input = { executor, model, method, data, planOf, settings: { ...settings, ...change }, host }
  const ended = await train({ ...input, from: from.progress })
  return { ...ended, steps, evaluations, saves }
}

const savedAt = ({ saves }: Recorded): number[] => saves.map(({ progress }) => progress.step)

describe.each(Object.entries(layouts))('a run with %s that was stopped and goes on', (_, data) => {
  it.each([1, 3, 5, 7])('after step %d reports, judges and keeps what the whole run did, bit for bit', async (stop) => {
    const whole = await record({ patience: 0 }, undefined, undefined, data)
    expect(whole).toMatchObject({ outcome: 'done', progress: { step: 10, bestStep: 6 } })
    const first = await record({ patience: 0 }, undefined, stop, data)
    expect(first).toMatchObject({ outcome: 'stopped', progress: { step: stop } })
    const second = await record({ patience: 0 }, first.saves.at(-1), undefined, data)
    expect([...first.steps, ...second.steps]).toEqual(whole.steps)
    expect([...first.evaluations, ...second.evaluations]).toEqual(whole.evaluations)
    expect(second.progress).toEqual(whole.progress)
    expect(second.saves.at(-1)?.state).toEqual(whole.saves.at(-1)?.state)
  })
})

describe('a run that was stopped and goes on', () => {
  it('counts its patience from before', async () => {
    const whole = await record({ evaluateEvery: 1, patience: 2 })
    expect(whole).toMatchObject({ outcome: 'early', progress: { step: 8, bestStep: 6, stale: 2 } })
    const first = await record({ evaluateEvery: 1, patience: 2 }, undefined, 7)
    const second = await record({ evaluateEvery: 1, patience: 2 }, first.saves.at(-1))
    expect(second.steps.map(({ progress }) => progress.step)).toEqual([8])
    expect(second).toMatchObject({ outcome: 'early', progress: whole.progress })
  })

  it('has nothing more to do where it had ended', async () => {
    const whole = await record({})
    const again = await record({}, whole.saves.at(-1))
    expect(again).toMatchObject({ outcome: whole.outcome, progress: whole.progress, steps: [], saves: [] })
  })
})

describe('a report', () => {
  it('tells the rate of the schedule, the tokens so far, and a loss that falls', async () => {
    const { steps } = await record({ patience: 0, evaluateEvery: 0 })
    const rates = steps.map(({ learningRate }) => learningRate / 0.02)
    const decay = (q: number): number => (1 + Math.cos(Math.PI * q)) / 2
    const wanted = [0, 0.5, 1, ...[1, 2, 3, 4, 5, 6, 7].map((done) => decay(done / 8))]
    rates.forEach((rate, i) => expect(rate).toBeCloseTo(wanted[i]!, 10))
    const tokens = plain.examples.reduce((sum, { ids }) => sum + ids.length, 0)
    expect([steps[1], steps[9]].map((report) => report?.progress.tokens)).toEqual([tokens, 5 * tokens])
    expect(steps.at(-1)!.loss).toBeLessThan(steps[0]!.loss)
    expect(steps.every(({ gradNorm }) => gradNorm > 0)).toBe(true)
  })
})

describe('what is saved', () => {
  it('is every so many steps, every best, and the end, no step twice', async () => {
    expect(savedAt(await record({ patience: 0 }))).toEqual([3, 4, 6, 8, 10])
    expect(savedAt(await record({ patience: 0, checkpointEvery: 3 }))).toEqual([3, 6, 9, 10])
    expect(savedAt(await record({ patience: 0, evaluateEvery: 0, checkpointEvery: 0 }))).toEqual([10])
    expect(savedAt(await record({ patience: 0, evaluateEvery: 0 }, undefined, 4))).toEqual([4])
    expect(savedAt(await record({ patience: 0, evaluateEvery: 0 }, undefined, 5))).toEqual([4, 5])
  })
})
