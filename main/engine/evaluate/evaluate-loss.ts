import { GraftError } from '../errors'
import { feedBatch, type Executor, type Plan } from '../plan'
import type { Batch } from '../text'

/** A batch, and the prepared evaluation plan of its shape. */
export interface LossBatch {
  readonly batch: Batch
  readonly plan: Plan
}

export interface LossResult {
  /** Mean negative log-likelihood of a trained token, in nats. */
  readonly loss: number
  /** e^loss */
  readonly perplexity: number
  /** Trained tokens that the mean is over. */
  readonly tokens: number
}

/**
 * The loss over all batches: sums first, one division at the end, so that how rows are put together does not matter.
 * @param breathe awaited between batches; to end early it throws
 * @throws GraftError `dataset-empty` where no batch has a trained token
 */
export async function evaluateLoss(
  executor: Executor,
  batches: Iterable<LossBatch> | AsyncIterable<LossBatch>,
  breathe: () => Promise<unknown> = async () => {},
): Promise<LossResult> {
  let sum = 0
  let tokens = 0
  for await (const { batch, plan } of batches) {
    await feedBatch(executor, batch, 1)
    await executor.run(plan, 'evaluate')
    sum += (await executor.read('loss'))[0] as number
    tokens += batch.trainedTokens
    await breathe()
  }
  if (tokens === 0)
    throw new GraftError(
      'dataset-empty',
      'evaluation: expected rows with answers to predict, got none; add rows to the evaluation split',
    )
  const loss = sum / tokens
  return { loss, perplexity: Math.exp(loss), tokens }
}
