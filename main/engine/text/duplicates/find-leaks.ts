import { tally } from './tally'

/** The validation rows (by index) whose key is also the key of a training row: they measure memory, not learning. */
export function findLeaks(trainKeys: readonly number[], validationKeys: readonly number[]): number[] {
  const trained = tally(trainKeys)
  return validationKeys.flatMap((key, index) => (trained.count(key) > 0 ? [index] : []))
}
