import { GraftError } from '../errors'
import { feedBatch, headParameters, type Executor, type Plan } from '../plan'
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

/** e^loss; beyond what a number can hold the largest one, as infinity is no JSON. */
export const perplexityOf = (loss: number): number => Math.min(Math.exp(loss), Number.MAX_VALUE)

/**
 * The loss over all batches: sums first, one division at the end, so that how rows are put together does not matter.
 * @param breathe awaited between batches; to end early it throws
 * @throws GraftError `dataset-empty` where no batch has a trained token, `training-diverged` where the loss is no number
 */
export async function evaluateLoss(
  executor: Executor,
  batches: Iterable<LossBatch> | AsyncIterable<LossBatch>,
  breathe: () => Promise<unknown> = async () => {},
): Promise<LossResult> {
  let sum = 0
  let tokens = 0
  for await (const { batch, plan } of batches) {
    await feedBatch(executor, plan, batch, 1)
    await executor.run(plan, 'evaluate', headParameters(batch))
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
  if (!Number.isFinite(loss)) throw notFinite(loss)
  return { loss, perplexity: perplexityOf(loss), tokens }
}

const notFinite = (loss: number): GraftError =>
  new GraftError(
    'training-diverged',
    `evaluation: expected a finite loss, got ${loss}; train again with a lower learning rate (or, before the first step, get the model's files again)`,
    { loss: String(loss) },
  )
