import type { ContentKeys } from './content-keys'
import { tally } from './tally'

/** A prompt of at least so many rows that is also more than this share of all says nothing about its rows. */
const commonRows = 9
const commonShare = 0.1

/** What {@link identityKeys} needs of rows, a place a row: a million of them are two arrays and no objects. */
export interface IdentityColumns {
  /** What is asked; NaN where nothing is. */
  readonly prompt: ArrayLike<number>
  /** All of the row. */
  readonly whole: ArrayLike<number>
}

/** A row's two numbers, in the order of {@link IdentityColumns}. */
export function identityOf({ exact, near, prompt }: ContentKeys): readonly [prompt: number, whole: number] {
  return [prompt ?? NaN, near ?? exact]
}

/**
 * One number a row; rows with the same number are the same task, and belong on one side of a split. That is the prompt:
 * several answers to one question are one task. A prompt that a good part of the rows shares ("Write a poem.") is none,
 * and there the whole row counts.
 */
export function identityKeys({ prompt, whole }: IdentityColumns): Float64Array {
  const isCommon = (count: number): boolean => count >= commonRows && count > prompt.length * commonShare
  const common = new Set<number>()
  for (const [key, count] of tally(prompt).entries()) if (isCommon(count)) common.add(key)
  return Float64Array.from(prompt, (key, row) => (Number.isNaN(key) || common.has(key) ? (whole[row] as number) : key))
}
