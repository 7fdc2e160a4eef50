/**
 * The mean of the F1 scores of all labels that were expected or said: of each, 2 · right / (times said + times expected).
 * (Opitz & Burst 2019, the "averaged F1", which is also scikit-learn's.) Zero without pairs.
 * @param pairs what was expected and what was said; undefined: nothing that is a label
 */
export function macroF1<Label>(pairs: readonly (readonly [expected: Label, said: Label | undefined])[]): number {
  const counts = new Map<Label, { right: number; mentions: number }>()
  const count = (label: Label, right: number): void => {
    const before = counts.get(label) ?? { right: 0, mentions: 0 }
    counts.set(label, { right: before.right + right, mentions: before.mentions + 1 })
  }
  for (const [expected, said] of pairs) {
    count(expected, expected === said ? 1 : 0)
    if (said !== undefined) count(said, 0)
  }
  const scores = [...counts.values()].map(({ right, mentions }) => (2 * right) / mentions)
  return scores.reduce((sum, score) => sum + score, 0) / Math.max(1, scores.length)
}
