import type { ContentKeys } from './content-keys'

/** A prompt of at least so many rows that is also more than this share of all says nothing about its rows. */
const commonRows = 9
const commonShare = 0.1

/**
 * One number a row; rows with the same number are the same task, and belong on one side of a split. That is the prompt:
 * several answers to one question are one task. A prompt that a good part of the rows shares ("Write a poem.") is none,
 * and there the whole row counts.
 */
export function identityKeys(rows: readonly ContentKeys[]): number[] {
  const counts = new Map<number, number>()
  for (const { prompt } of rows) if (prompt !== undefined) counts.set(prompt, (counts.get(prompt) ?? 0) + 1)
  const isCommon = (count: number): boolean => count >= commonRows && count > rows.length * commonShare
  return rows.map(({ exact, near, prompt }) =>
    prompt === undefined || isCommon(counts.get(prompt) ?? 0) ? (near ?? exact) : prompt,
  )
}
