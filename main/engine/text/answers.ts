/** An answer as metrics compare it: no blanks around it, single blanks within. Case counts. */
export function normaliseAnswer(text: string): string {
  return text.trim().replace(/\s+/g, ' ')
}

export function isExactMatch(answer: string, expected: string): boolean {
  return normaliseAnswer(answer) === normaliseAnswer(expected)
}

/**
 * The label that an answer gives: the one it equals, or else the longest one that it starts with as a whole word
 * ("positive, because ..." gives "positive", "positively" does not). Undefined where it names none.
 */
export function labelOf(answer: string, labels: readonly string[]): string | undefined {
  const said = normaliseAnswer(answer)
  const candidates = labels.filter((label) => startsWithWord(said, normaliseAnswer(label)))
  return candidates.reduce<string | undefined>(
    (best, label) =>
      best === undefined || normaliseAnswer(label).length > normaliseAnswer(best).length ? label : best,
    undefined,
  )
}

/** Scripts that write no blanks between words have no word borders to look for. */
const unspaced = /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Thai}]$/u

function startsWithWord(text: string, word: string): boolean {
  if (word === '' || !text.startsWith(word)) return false
  return unspaced.test(word) || !/^[\p{L}\p{N}_]/u.test(text.slice(word.length))
}
