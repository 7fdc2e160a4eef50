import { bucketLength, collate, planEpoch, type Batch, type Example } from '../text'

export interface TrainingData {
  readonly examples: readonly Example[]
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

/** One micro-batch from its rows, padded to its bucket. */
export function batchOf(data: TrainingData, rows: readonly number[]): Batch {
  const examples = rows.map((row) => data.examples[row] as Example)
  const longest = Math.max(1, ...examples.map((example) => example.ids.length))
  const shape = { rows: data.batchSize, length: bucketLength(longest, data.maxLength) }
  return collate(examples, shape, data.padId)
}

/** The padded lengths that training on this data will meet, ascending. */
export function bucketsOf(data: TrainingData): readonly number[] {
  const lengths = new Set(data.examples.map((example) => bucketLength(example.ids.length, data.maxLength)))
  return [...lengths].sort((a, b) => a - b)
}

/**
 * The window of micro-batches of any step, as a pure function of the step: a resumed run needs to know nothing else to
 * go on with the same rows in the same order.
 */
export function createWindows(data: TrainingData): (step: number) => Batch[] {
  const perEpoch = stepsPerEpoch(data)
  const lengths = data.examples.map((example) => example.ids.length)
  let current: { epoch: number; batches: readonly (readonly number[])[] } | undefined
  return (step) => {
    const epoch = Math.floor((step - 1) / perEpoch)
    if (current?.epoch !== epoch) {
      const { batchSize, seed } = data
      current = { epoch, batches: planEpoch({ lengths, batchSize, seed, epoch }) }
    }
    const start = ((step - 1) % perEpoch) * data.accumulation
    return current.batches.slice(start, start + data.accumulation).map((rows) => batchOf(data, rows))
  }
}
