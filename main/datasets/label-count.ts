const maxLabels = 32
const maxLabelLength = 40
const minRowsPerLabel = 3

export interface LabelCount {
  /** The answer of a row; undefined where it has no single one. */
  add(answer: string | undefined): void
  /** The labels in order, undefined where the answers are no set of labels. */
  labels(): string[] | undefined
}

/** A few short answers that come again and again are the labels of a classification. */
export function labelCount(): LabelCount {
  const seen = new Set<string>()
  let rows = 0
  let possible = true
  return {
    add(answer) {
      if (!possible) return
      rows++
      if (answer !== undefined) seen.add(answer)
      possible = answer !== undefined && answer.length <= maxLabelLength && seen.size <= maxLabels
    },
    labels() {
      const enough = seen.size >= 2 && rows >= seen.size * minRowsPerLabel
      return possible && enough ? [...seen].sort() : undefined
    },
  }
}
