import { createRng, deriveSeed } from '../../rng'
import { shuffledIndices } from './shuffle'

export interface RowSplit {
  /** Ascending row indices. */
  readonly train: readonly number[]
  /** Ascending row indices; no row is in both. */
  readonly validation: readonly number[]
}

/** Of `count` rows so many are held out: of at least two, a positive share gives at least one row to each side. */
export function heldOutCount(count: number, share: number): number {
  return share > 0 && count >= 2 ? Math.min(count - 1, Math.max(1, Math.round(count * share))) : 0
}

/**
 * Sets a share (0..1) of `count` rows aside for validation, the same rows for the same seed; see {@link heldOutCount}.
 */
export function splitRows(count: number, share: number, seed: number): RowSplit {
  const wanted = heldOutCount(count, share)
  const order = shuffledIndices(count, createRng(deriveSeed(seed, 'validation split')))
  const ascending = (indices: readonly number[]): number[] => indices.toSorted((a, b) => a - b)
  return { train: ascending(order.slice(wanted)), validation: ascending(order.slice(0, wanted)) }
}
