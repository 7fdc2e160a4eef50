export interface LabelLimits {
  readonly labels: number
  /** Characters of a label. */
  readonly length: number
  /** How many rows there must be with so many labels. */
  rowsFor(labels: number): number
}

/**
 * A few answers that come three times each are labels. A longer list is often one of free answers that happen to repeat
 * (years, names, small numbers), and must repeat more: intent datasets, with up to 150 labels, have 30 rows for each.
 */
const classification: LabelLimits = {
  labels: 256,
  length: 64,
  rowsFor: (labels) => labels * (labels <= 32 ? 3 : 10),
}

export interface LabelCount {
  /** The answer of a row; undefined where it has no single one. */
  add(answer: string | undefined): void
  /** The labels in order, undefined where the answers are no set of labels. */
  labels(): string[] | undefined
}

/**
 * Short answers that come again and again are the labels of a classification: every row has one, there are at least two
 * and at most so many of them, none is longer, and they repeat as often as the limits say.
 */
export function labelCount(limits = classification): LabelCount {
  const seen = new Set<string>()
  let rows = 0
  let possible = true
  return {
    add(answer) {
      if (!possible) return
      rows++
      if (answer !== undefined) seen.add(answer)
      possible = answer !== undefined && answer.length <= limits.length && seen.size <= limits.labels
    },
    labels() {
      const enough = seen.size >= 2 && rows >= limits.rowsFor(seen.size)
      return possible && enough ? [...seen].sort() : undefined
    },
  }
}
