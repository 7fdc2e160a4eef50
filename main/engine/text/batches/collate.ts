import { GraftError } from '../../errors'
import type { Encoded } from '../encoded'
import { ignoredLabel, type Batch } from './batch'

export interface BatchShape {
  /** B. Rows beyond the examples (the last batch of an epoch) are padding without labels. */
  readonly rows: number
  /** T */
  readonly length: number
}

/** One row: a text, or several of them one after the other. */
export interface Example extends Pick<Encoded, 'ids' | 'trained' | 'labels'> {
  /** Where each text begins, ascending; absent where there is one. None sees another, and each counts its positions from 0. */
  readonly starts?: readonly number[]
}

/**
 * Lays examples out as one batch: right padding, labels, ranges causal within each text. Labels follow the
 * position, never the value: the pad token is often the end token, whose real occurrences must be learned.
 * @throws GraftError 'invalid-argument' where the examples do not fit the shape.
 */
export function collate(examples: readonly Example[], shape: BatchShape, padId: number): Batch {
  requireFit(examples, shape)
  const { rows, length } = shape
  const ids = new Int32Array(rows * length).fill(padId)
  const labels = new Int32Array(rows * length).fill(ignoredLabel)
  examples.forEach((example, row) => {
    ids.set(example.ids, row * length)
    labels.set(labelsOf(example), row * length)
  })
  const last = Int32Array.from({ length: rows * length }, (_, index) => index % length)
  const first = new Int32Array(rows * length)
  examples.forEach(({ starts = [] }, row) => {
    // Padding belongs to the last text: it sees what is there, and nobody sees it.
    for (const start of starts) first.fill(start, row * length + start, (row + 1) * length)
  })
  return {
    rows,
    length,
    ids,
    positions: last.map((column, index) => column - (first[index] as number)),
    labels,
    first,
    last,
    tokens: examples.reduce((sum, example) => sum + example.ids.length, 0),
    trainedTokens: labels.reduce((count, label) => count + (label === ignoredLabel ? 0 : 1), 0),
  }
}

/** What each token is to be followed by: its example's own labels where it has such. */
export const labelsOf = (example: Example): Int32Array => example.labels ?? shiftedLabels(example)

/** For every token the token after it where that one is trained; so the first token is never a target. */
export function shiftedLabels({ ids, trained }: Example): Int32Array {
  const labels = new Int32Array(ids.length).fill(ignoredLabel)
  for (let t = 0; t + 1 < ids.length; t++) if (trained[t + 1] === 1) labels[t] = ids[t + 1] ?? ignoredLabel
  return labels
}

function requireFit(examples: readonly Example[], { rows, length }: BatchShape): void {
  if (examples.length > rows)
    throw mismatch(`at most ${rows} examples`, `${examples.length}`, 'raise the number of rows')
  const longest = examples.reduce((max, example) => Math.max(max, example.ids.length), 0)
  if (longest > length)
    throw mismatch(`at most ${length} tokens an example`, `${longest}`, 'truncate the examples first')
}

function mismatch(expected: string, got: string, advice: string): GraftError {
  return new GraftError('invalid-argument', `collate: expected ${expected}, got ${got}; ${advice}`)
}
