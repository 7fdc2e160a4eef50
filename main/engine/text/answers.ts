/** An answer as metrics compare it: no blanks around it, single blanks within. Case counts. */
export function normaliseAnswer(text: string): string {
  return text.trim().replace(/\s+/g, ' ')
}

export function isExactMatch(answer: string, expected: string): boolean {
  return normaliseAnswer(answer) === normaliseAnswer(expected)
}

/**
 * The label that an answer gives: the one it equals, or else the longest one that it starts with as a whole word
 * ("positive, because ..." gives "positive", "positively" does not). Where it names none, case is left aside ("Positive").
 */
export function labelOf(answer: string, labels: readonly string[]): string | undefined {
  return longestStart(answer, labels, normaliseAnswer) ?? longestStart(answer, labels, withoutCase)
}

const withoutCase = (text: string): string => normaliseAnswer(text).toLowerCase()

function longestStart(answer: string, labels: readonly string[], plain: typeof normaliseAnswer): string | undefined {
  const said = plain(answer)
  let best: string | undefined
  for (const label of labels)
    if (startsWithWord(said, plain(label)) && plain(label).length > plain(best ?? '').length) best = label
  return best
}

/** Scripts that write no blanks between words have no word borders to look for. */
const unspaced = /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Thai}]$/u

function startsWithWord(text: string, word: string): boolean {
  if (word === '' || !text.startsWith(word)) return false
  return unspaced.test(word) || !/^[\p{L}\p{N}_]/u.test(text.slice(word.length))
}
