import { GraftError } from '../../errors'
import { createRng, deriveSeed } from '../../rng'
import { shuffledIndices } from './shuffle'

export interface EpochOptions {
  /** Tokens of each row. */
  readonly lengths: ArrayLike<number>
  readonly batchSize: number
  readonly seed: number
  /** Counts from 0. */
  readonly epoch: number
  /** How many batches are sorted by length together; 1 keeps the shuffled order and pads most. */
  readonly windowBatches?: number
}

/** A quarter of the epoch, so that epochs differ, but so many at least (small sets would pad much) and at most. */
const [FEWEST, MOST] = [16, 50]
const windowOf = (batches: number): number => Math.max(FEWEST, Math.min(MOST, Math.floor(batches / 4)))

/**
 * The batches of one epoch, as row indices: every row exactly once, the same for the same seed and epoch.
 *
 * Rows are shuffled, cut into windows of a few batches, and sorted by length within each window, so that rows of a
 * batch are about equally long and little is padded; then the batches are shuffled, so that their order says nothing
 * about length. The rows that fill no batch are the last of the shuffled order (not the longest) and come last.
 * @throws GraftError 'invalid-argument' where a size is no positive integer.
 */
export function planEpoch(options: EpochOptions): readonly (readonly number[])[] {
  const { lengths, batchSize, seed, epoch, windowBatches = windowOf(lengths.length / batchSize) } = options
  if (!(Number.isInteger(batchSize) && batchSize > 0 && Number.isInteger(windowBatches) && windowBatches > 0)) {
    const message = `epoch plan: expected positive batch and window sizes, got ${batchSize} and ${windowBatches}; set them to 1 or more`
    throw new GraftError('invalid-argument', message)
  }
  const rng = createRng(deriveSeed(seed, `epoch ${epoch}`))
  const order = shuffledIndices(lengths.length, rng)
  const fullCount = order.length - (order.length % batchSize)
  const windows = chunk(order.slice(0, fullCount), batchSize * windowBatches)
  const byLength = (a: number, b: number): number => (lengths[a] ?? 0) - (lengths[b] ?? 0)
  const batches = windows.flatMap((window) => chunk(window.toSorted(byLength), batchSize))
  const shuffled = shuffledIndices(batches.length, rng).flatMap((index) => batches.slice(index, index + 1))
  const rest = order.slice(fullCount)
  return rest.length > 0 ? [...shuffled, rest] : shuffled
}

function chunk<T>(items: readonly T[], size: number): T[][] {
  return Array.from({ length: Math.ceil(items.length / size) }, (_, index) =>
    items.slice(index * size, (index + 1) * size),
  )
}
