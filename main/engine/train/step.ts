import type { AppliedMethod, ModelDefinition } from '../nn'
import { feedBatch, feedSeeds, headParameters, type Executor, type Plan } from '../plan'
import { deriveSeed } from '../rng'
import type { Batch } from '../text'

export interface StepInput {
  readonly batches: readonly Batch[]
  /** The plan for a batch's shape. */
  readonly planOf: (batch: Batch) => Plan
  readonly learningRate: number
  /** Counts from 1. */
  readonly step: number
  readonly seed: number
}

export interface StepResult {
  /** Mean negative log-likelihood of a trained token of the window, in nats. */
  readonly loss: number
  /** Before clipping. Where it is not finite, nothing was updated. */
  readonly gradNorm: number
  /** Real tokens of the window: padding is not counted. */
  readonly tokens: number
  /** Those of them that bear loss. */
  readonly trainedTokens: number
}

/**
 * One optimiser step over a window of micro-batches. Each micro-loss is the sum over its tokens divided by the trained
 * tokens of the whole window: the window's gradient is that of one large batch.
 * Between micro-batches `breathe` lets the process hear messages.
 */
export async function trainStep(
  executor: Executor,
  model: ModelDefinition,
  method: AppliedMethod,
  input: StepInput,
  breathe: () => Promise<void> = async () => {},
): Promise<StepResult> {
  const { batches, planOf, learningRate, step, seed } = input
  const tokens = batches.reduce((sum, batch) => sum + batch.tokens, 0)
  const trainedTokens = batches.reduce((sum, batch) => sum + batch.trainedTokens, 0)
  let plan: Plan | undefined
  for (const [i, batch] of batches.entries()) {
    plan = planOf(batch)
    if (i === 0) await executor.run(plan, 'begin')
    await feedBatch(executor, plan, batch, 1 / trainedTokens)
    await feedSeeds(executor, model, method, deriveSeed(seed, `step ${step} micro-batch ${i}`))
    await executor.upload('loss.scale', Float32Array.of(1))
    await executor.run(plan, 'forward')
    await executor.run(plan, 'backward', headParameters(batch))
    await breathe()
  }
  if (!plan || trainedTokens === 0) return { loss: 0, gradNorm: 0, tokens: 0, trainedTokens: 0 }
  await executor.run(plan, 'update', { learningRate, step })
  const loss = (await executor.read('loss'))[0] as number
  const gradNorm = (await executor.read('gradNorm'))[0] as number
  return { loss, gradNorm, tokens, trainedTokens }
}
