import { ignoredLabel } from './batches/batch'

/** Something about an encoded row that a person should know. */
export type EncodeNote =
  /** The template rewrites earlier turns once another follows (for example strips their reasoning). */
  | 'last-turn-only'
  /** The template ends an answer with no end token, so one was appended: else the model never learns to stop. */
  | 'end-appended'

/** A row as token ids, and which of them the model is to learn to say. */
export interface Encoded {
  /** [n] */
  readonly ids: Int32Array
  /** [n], 1 where the loss is on predicting this token, else 0. */
  readonly trained: Uint8Array
  /** [n], what is to be told at each token where that is not the token after it: a class at the last one. */
  readonly labels?: Int32Array
  readonly notes: readonly EncodeNote[]
}

/** A half-open range of token indices. */
export interface TokenSpan {
  readonly start: number
  readonly end: number
}

export function createEncoded(
  ids: readonly number[],
  spans: readonly TokenSpan[],
  notes: readonly EncodeNote[] = [],
): Encoded {
  const trained = new Uint8Array(ids.length)
  for (const { start, end } of spans) trained.fill(1, start, end)
  return { ids: Int32Array.from(ids), trained, notes }
}

/** The row behind so many placeholders (id 0), which bear no loss: a method puts its virtual tokens there. */
export function withPlaceholders(row: Encoded, count: number): Encoded {
  if (count === 0) return row
  const { ids, trained, labels, notes } = row
  const behind = <T extends Int32Array | Uint8Array>(filled: T, values: T): T => {
    filled.set(values, count)
    return filled
  }
  const length = count + ids.length
  return {
    ids: behind(new Int32Array(length), ids),
    trained: behind(new Uint8Array(length), trained),
    ...(labels && { labels: behind(new Int32Array(length).fill(ignoredLabel), labels) }),
    notes,
  }
}

/** How many tokens bear loss: the first token of a row has nothing before it and is never a target. */
export function countTargets({ trained }: Pick<Encoded, 'trained'>): number {
  let count = 0
  for (let t = 1; t < trained.length; t++) count += trained[t] ?? 0
  return count
}
