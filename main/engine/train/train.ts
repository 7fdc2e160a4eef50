import type { AppliedMethod, ModelDefinition } from '../nn'
import { learningRateAt, warmupSteps, type ScheduleName } from '../optim'
import type { Executor, Plan } from '../plan'
import type { Batch } from '../text'
import { afterEvaluation, afterStep, requireConverging, requireFinite, type Progress } from './progress'
import { trainStep, type StepResult } from './step'
import { createWindows, totalSteps, type TrainingData } from './windows'

export interface TrainSettings {
  readonly steps?: number | undefined
  readonly epochs: number
  readonly learningRate: number
  readonly schedule: ScheduleName
  /** Steps, or a share of all steps below 1. */
  readonly warmup: number
  /** 0: never. */
  readonly evaluateEvery: number
  readonly checkpointEvery: number
  /** Evaluations without a better loss after which training stops; 0: never. */
  readonly patience: number
}

export interface StepReport extends StepResult {
  readonly progress: Progress
  readonly learningRate: number
}

/** What the loop asks of its surroundings; all of it happens between steps. */
export interface TrainHost {
  onStep(report: StepReport): void
  /** The validation loss, or undefined where there is no validation data. */
  evaluate(step: number): Promise<number | undefined>
  onEvaluated(step: number, loss: number, best: boolean): Promise<void>
  save(progress: Progress): Promise<void>
  /** Obeys what the person asked for meanwhile, a checkpoint of `progress` too; waits here while paused. */
  control(progress: Progress): Promise<'continue' | 'stop'>
  breathe(): Promise<void>
}

export interface TrainInput {
  readonly executor: Executor
  readonly model: ModelDefinition
  readonly method: AppliedMethod
  readonly data: TrainingData
  readonly planOf: (batch: Batch) => Plan
  readonly settings: TrainSettings
  readonly from: Progress
  readonly host: TrainHost
}

export type TrainOutcome = 'done' | 'stopped' | 'early'

const due = (step: number, every: number): boolean => every > 0 && step % every === 0

/**
 * The one training loop: every method, every back end. It knows steps, not methods; where it stands is one value
 * (`Progress`), and what it does at a step is a function of that step, so that stopping and going on changes nothing.
 * @throws GraftError `training-diverged`; the last good state has then been saved
 */
export async function train(input: TrainInput): Promise<{ outcome: TrainOutcome; progress: Progress }> {
  const { executor, model, method, data, planOf, settings, host } = input
  const steps = totalSteps(data, settings)
  const warmup = warmupSteps(settings.warmup, steps)
  const windowOf = createWindows(data)
  let progress = input.from
  let saved = progress.step

  const isStale = (): boolean => settings.patience > 0 && progress.stale >= settings.patience
  const save = async (): Promise<void> => {
    await host.save(progress)
    saved = progress.step
  }
  const evaluate = async (): Promise<void> => {
    const loss = await host.evaluate(progress.step)
    if (loss === undefined) return
    const result = afterEvaluation(progress, loss)
    progress = result.progress
    // Told first: what stands in a checkpoint is never told again.
    await host.onEvaluated(progress.step, loss, result.best)
    if (result.best) await save()
  }
  const keepLastGood = async (isGood: boolean, check: () => void): Promise<void> => {
    try {
      check()
    } catch (error) {
      // A state whose loss is no number or has been climbing must not push out a good one, but is better than none.
      if (saved === 0 || (isGood && saved !== progress.step)) await save()
      throw error
    }
  }

  // Asked of the progress and not after a step, so that a run that ended early and was killed then does not go on.
  while (progress.step < steps && !isStale()) {
    if ((await host.control(progress)) === 'stop') {
      if (saved !== progress.step) await save()
      return { outcome: 'stopped', progress }
    }
    const step = progress.step + 1
    const learningRate = learningRateAt(settings.schedule, settings.learningRate, step - 1, warmup, steps)
    const window = { batches: windowOf(step), planOf, learningRate, step, seed: data.seed }
    const result = await trainStep(executor, model, method, window, host.breathe)
    const { loss, gradNorm } = result
    await keepLastGood(Number.isFinite(loss) && progress.highSteps === 0, () => requireFinite(step, loss, gradNorm))
    progress = afterStep(progress, result)
    host.onStep({ progress, learningRate, ...result })
    await keepLastGood(false, () => requireConverging(progress))
    if (due(step, settings.evaluateEvery) || step === steps) await evaluate()
    // None of a loss far too high: it would push out a good one.
    if (due(step, settings.checkpointEvery) && saved !== step && progress.highSteps === 0) await save()
  }
  if (saved !== progress.step) await save()
  return { outcome: progress.step < steps ? 'early' : 'done', progress }
}
