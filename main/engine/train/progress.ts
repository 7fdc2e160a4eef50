import { GraftError } from '../errors'
import type { StepResult } from './step'

/** Where a run stands; with the tensors it is all that a resumed run needs. */
export interface Progress {
  /** Optimiser steps done. */
  readonly step: number
  /** Real tokens seen, and those of them that bore loss. */
  readonly tokens: number
  readonly trainedTokens: number
  readonly bestLoss?: number
  readonly bestStep?: number
  /** Evaluations since the best one. */
  readonly stale: number
  /** Training loss of the first step: what divergence is measured against. */
  readonly firstLoss?: number
  /** Consecutive steps with a loss far above the first. */
  readonly highSteps: number
}

export const initialProgress: Progress = { step: 0, tokens: 0, trainedTokens: 0, stale: 0, highSteps: 0 }

/** So many steps in a row above twice the first loss plus one nat are no noise any more. */
const HIGH_STEPS = 8

export function afterStep(progress: Progress, { loss, tokens, trainedTokens }: Omit<StepResult, 'gradNorm'>): Progress {
  const firstLoss = progress.firstLoss ?? loss
  const highSteps = loss > 2 * firstLoss + 1 ? progress.highSteps + 1 : 0
  return {
    ...progress,
    step: progress.step + 1,
    tokens: progress.tokens + tokens,
    trainedTokens: progress.trainedTokens + trainedTokens,
    firstLoss,
    highSteps,
  }
}

export function afterEvaluation(progress: Progress, loss: number): { progress: Progress; best: boolean } {
  const best = progress.bestLoss === undefined || loss < progress.bestLoss
  const next = best
    ? { ...progress, bestLoss: loss, bestStep: progress.step, stale: 0 }
    : { ...progress, stale: progress.stale + 1 }
  return { progress: next, best }
}

/** @throws GraftError `training-diverged` where a result is no finite number; the weights are still those before the step */
export function requireFinite(step: number, loss: number, gradNorm: number): void {
  if (Number.isFinite(loss) && Number.isFinite(gradNorm)) return
  const what = Number.isFinite(loss) ? `gradient norm ${gradNorm}` : `loss ${loss}`
  const message = `step ${step}: expected finite numbers, got a ${what}; nothing was updated and the last good checkpoint is kept: start again with a lower learning rate`
  throw new GraftError('training-diverged', message, { step })
}

/** @throws GraftError `training-diverged` where the loss has been far above its start for several steps */
export function requireConverging({ step, firstLoss, highSteps }: Progress): void {
  if (highSteps < HIGH_STEPS) return
  const message = `step ${step}: the loss has been above twice its first value (${firstLoss?.toFixed(3)}) for ${HIGH_STEPS} steps; checkpoints from before are kept: start again with a lower learning rate or more warm-up`
  throw new GraftError('training-diverged', message, { step })
}
