import type { Tokenizer } from './tokenizer'

/** Turns a growing list of ids into text that never has to be taken back. */
export interface StreamDecoder {
  /** The text that became complete with this id, often empty. */
  push(id: number): string
  /** What is left, where the stream ends inside a character. */
  flush(): string
}

/** What a decoder writes for bytes that are no character, or not yet one. */
const replacement = '\uFFFD'

/**
 * A decoder for generation: pieces are held back until they are whole characters, and joined they equal
 * `tokenizer.decode` of all ids. Only the last finished piece is decoded again with the new one (some decoders treat
 * a text's first token differently, so a piece cannot be decoded alone), which keeps the cost per id constant.
 */
export function createStreamDecoder(
  tokenizer: Tokenizer,
  options: { readonly skipSpecialTokens: boolean } = { skipSpecialTokens: true },
): StreamDecoder {
  let window: number[] = []
  let finished = 0

  const take = (mustBeWhole: boolean): string => {
    const before = tokenizer.decode(window.slice(0, finished), options)
    const now = tokenizer.decode(window, options)
    if (now.length <= before.length || (mustBeWhole && now.endsWith(replacement))) return ''
    window = window.slice(finished)
    finished = window.length
    return now.slice(before.length)
  }

  return {
    push: (id) => {
      if (options.skipSpecialTokens && tokenizer.isSpecial(id)) return ''
      window.push(id)
      return take(true)
    },
    flush: () => take(false),
  }
}
