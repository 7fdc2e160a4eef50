import { GraftError } from '../errors'
import { feedBatch, headParameters, type Executor } from '../plan'
import { ignoredLabel, type Batch } from '../text'
import type { LossBatch } from './evaluate-loss'
import { macroF1 } from './macro-f1'

/** A text's class as its row says, and what the model gives each class. */
export interface ClassResult {
  readonly expected: number
  /** The likeliest class. */
  readonly said: number
  /** [classes], they sum to 1. */
  readonly probabilities: Float32Array
}

/** Texts of one class that were taken for another. */
export interface Confusion {
  readonly expected: number
  readonly said: number
  readonly rows: number
}

export interface ClassesResult {
  /** Mean cross-entropy of a text, in nats. */
  readonly loss: number
  /** Share of the texts whose likeliest class is theirs, 0 to 1. */
  readonly accuracy: number
  readonly macroF1: number
  /** The most frequent first. */
  readonly confusions: readonly Confusion[]
  /** In the order of the texts. */
  readonly results: readonly ClassResult[]
}

/** Softmax, in float64. */
export function probabilitiesOf(logits: Float32Array): Float32Array {
  const largest = logits.reduce((most, value) => Math.max(most, value), -Infinity)
  const powers = Float64Array.from(logits, (value) => Math.exp(value - largest))
  const sum = powers.reduce((total, power) => total + power, 0)
  return Float32Array.from(powers, (power) => power / sum)
}

function likeliest(probabilities: Float32Array): number {
  return probabilities.reduce((best, p, i) => (p > (probabilities[best] as number) ? i : best), 0)
}

/**
 * Runs batches of texts through a classifier: their classes' probabilities, in the order of the texts.
 * @param batches with the prepared evaluation plan of each, which must leave `scores`
 * @param breathe awaited between batches; to end early it throws
 * @throws GraftError `training-diverged` where a logit is no number
 */
export async function classify(
  executor: Executor,
  batches: Iterable<LossBatch>,
  breathe: () => Promise<unknown> = async () => {},
): Promise<ClassResult[]> {
  const results: ClassResult[] = []
  for (const { batch, plan } of batches) {
    await feedBatch(executor, plan, batch, 1)
    await executor.run(plan, 'evaluate', headParameters(batch))
    results.push(...resultsOf(batch, await executor.read('scores')))
    await breathe()
  }
  return results
}

/** Rows that bear loss come first in `scores`, in their order: so do the texts. */
function resultsOf({ labels, rows, length }: Batch, scores: Float32Array): ClassResult[] {
  const width = scores.length / (rows * length)
  const classes = labels.filter((label) => label !== ignoredLabel)
  return Array.from(classes, (expected, i) => {
    const logits = scores.slice(i * width, (i + 1) * width)
    if (logits.every(Number.isFinite)) {
      const probabilities = probabilitiesOf(logits)
      return { expected, said: likeliest(probabilities), probabilities }
    }
    const message = `classification: expected finite numbers for each class, got others; train again with a lower learning rate (or, before the first step, get the model's files again)`
    throw new GraftError('training-diverged', message)
  })
}

/** Below this a probability's logarithm is that of 1e-30, as in the loss head: the mean stays finite. */
const SMALLEST = 1e-30

/**
 * Loss, accuracy, macro-F1 and confusions over what {@link classify} gave.
 * @throws GraftError `dataset-empty` without texts
 */
export function scoreClasses(results: readonly ClassResult[]): ClassesResult {
  if (results.length === 0) {
    const message =
      'evaluation: expected rows with a class, got none; hold out more rows, or name a file to validate on'
    throw new GraftError('dataset-empty', message)
  }
  const losses = results.map(
    ({ expected, probabilities }) => -Math.log(Math.max(probabilities[expected] ?? 0, SMALLEST)),
  )
  const right = results.filter(({ expected, said }) => expected === said)
  return {
    loss: losses.reduce((sum, loss) => sum + loss, 0) / results.length,
    accuracy: right.length / results.length,
    macroF1: macroF1(results.map(({ expected, said }) => [expected, said])),
    confusions: confusionsOf(results),
    results,
  }
}

function confusionsOf(results: readonly ClassResult[]): Confusion[] {
  const counts = new Map<string, Confusion>()
  for (const { expected, said } of results) {
    if (expected === said) continue
    const key = `${expected} ${said}`
    counts.set(key, { expected, said, rows: (counts.get(key)?.rows ?? 0) + 1 })
  }
  return [...counts.values()].sort((a, b) => b.rows - a.rows || a.expected - b.expected || a.said - b.said)
}
