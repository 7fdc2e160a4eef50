export interface LabelLimits {
  readonly labels: number
  /** Characters of a label. */
  readonly length: number
  /** So many rows must there be for each label. */
  readonly rowsPerLabel: number
}

const classification: LabelLimits = { labels: 32, length: 40, rowsPerLabel: 3 }

export interface LabelCount {
  /** The answer of a row; undefined where it has no single one. */
  add(answer: string | undefined): void
  /** The labels in order, undefined where the answers are no set of labels. */
  labels(): string[] | undefined
}

/** A few short answers that come again and again are the labels of a classification. */
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
      const enough = seen.size >= 2 && rows >= seen.size * limits.rowsPerLabel
      return possible && enough ? [...seen].sort() : undefined
    },
  }
}
