import { bucketOf, chooseBuckets, collate, planEpoch, type Batch, type Example } from '../text'

export interface TrainingData {
  /** One a row: packed rows are examples too. */
  readonly examples: readonly Example[]
  /** Rows of a micro-batch. */
  readonly batchSize: number
  /** Micro-batches of one optimiser step. */
  readonly accumulation: number
  readonly maxLength: number
  readonly padId: number
  readonly seed: number
}

const batchesPerEpoch = ({ examples, batchSize }: TrainingData): number => Math.ceil(examples.length / batchSize)

/** Optimiser steps of one epoch; the last window may be a partial one and still steps. */
export function stepsPerEpoch(data: TrainingData): number {
  return Math.max(1, Math.ceil(batchesPerEpoch(data) / data.accumulation))
}

/** ceil(epochs × steps of an epoch), or the given number of steps. */
export function totalSteps(
  data: TrainingData,
  { steps, epochs }: { steps?: number | undefined; epochs: number },
): number {
  return steps ?? Math.max(1, Math.ceil(epochs * stepsPerEpoch(data)))
}

const lengthsOf = ({ examples }: TrainingData): number[] => examples.map(({ ids }) => ids.length)

/** The padded lengths that training on this data will meet, ascending. */
export const bucketsOf = (data: TrainingData): readonly number[] => chooseBuckets(lengthsOf(data), data.maxLength)

/** One micro-batch from its rows, padded to its bucket. */
function batchOf(
  { examples, batchSize, padId }: TrainingData,
  buckets: readonly number[],
  rows: readonly number[],
): Batch {
  const chosen = rows.map((row) => examples[row] as Example)
  const longest = chosen.reduce((max, { ids }) => Math.max(max, ids.length), 1)
  return collate(chosen, { rows: batchSize, length: bucketOf(buckets, longest) }, padId)
}

/**
 * The window of micro-batches of any step, as a pure function of the step: a resumed run needs to know nothing else to
 * go on with the same rows in the same order.
 */
export function createWindows(data: TrainingData): (step: number) => Batch[] {
  const perEpoch = stepsPerEpoch(data)
  const lengths = lengthsOf(data)
  const buckets = bucketsOf(data)
  let current: { epoch: number; batches: readonly (readonly number[])[] } | undefined
  return (step) => {
    const epoch = Math.floor((step - 1) / perEpoch)
    if (current?.epoch !== epoch) {
      const { batchSize, seed } = data
      current = { epoch, batches: planEpoch({ lengths, batchSize, seed, epoch }) }
    }
    const start = ((step - 1) % perEpoch) * data.accumulation
    return current.batches.slice(start, start + data.accumulation).map((rows) => batchOf(data, buckets, rows))
  }
}
