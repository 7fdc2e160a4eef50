import type { Tokenizer } from './tokenizer'

export interface CutText {
  readonly ids: number[]
  /** For each cut the index of the first token that holds text after it. */
  readonly boundaries: readonly number[]
}

/**
 * Tokenises a text once, as a whole, and finds where character offsets fall between its tokens. (The tokenizer gives
 * no offsets.) Where a token spans a cut, it counts as text after the cut: an answer may gain a character of its
 * prompt, but never loses one.
 * @param cuts Ascending character offsets.
 */
export function cutTokens(tokenizer: Tokenizer, text: string, cuts: readonly number[]): CutText {
  const encode = (part: string): number[] => tokenizer.encode(part, { addSpecialTokens: false })
  const ids = encode(text)
  const pieces = [...cuts, text.length].map((cut, index) => encode(text.slice(cuts[index - 1] ?? 0, cut)))
  // The cheap way, one pass over the pieces, is exact if they join to the whole, as they nearly always do.
  if (sameIds(pieces.flat(), ids)) {
    let total = 0
    return { ids, boundaries: cuts.map((_, index) => (total += pieces[index]?.length ?? 0)) }
  }
  return { ids, boundaries: cuts.map((cut) => commonPrefixLength(encode(text.slice(0, cut)), ids)) }
}

export function commonPrefixLength(a: readonly number[], b: readonly number[]): number {
  let length = 0
  while (length < a.length && length < b.length && a[length] === b[length]) length++
  return length
}

function sameIds(a: readonly number[], b: readonly number[]): boolean {
  return a.length === b.length && commonPrefixLength(a, b) === a.length
}
