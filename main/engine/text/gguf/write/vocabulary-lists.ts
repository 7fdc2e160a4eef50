import { tokenTypes } from '../vocabulary'
import type { HubDefinition } from './hub-definition'

/** Tokens by id, and what kind each is: the same number of both. */
export interface VocabularyLists {
  readonly tokens: readonly string[]
  readonly types: Int32Array
}

const isByte = (token: string): boolean => /^<0x[0-9A-Fa-f]{2}>$/.test(token)

/**
 * The vocabulary by id, one token for each row of the model's table. Rows that no token has get a name of their own:
 * llama.cpp wants as many tokens as rows. Tokens beyond the last row cannot be embedded, so they are left out.
 */
export function vocabularyLists({ vocab, added, unknown, byteFallback }: HubDefinition, rows: number): VocabularyLists {
  const tokens = Array.from({ length: rows }, (_, id) => `[PAD${id}]`)
  const types = new Int32Array(rows).fill(tokenTypes.unused)
  const set = (id: number, token: string, type: number): void => {
    if (id >= rows) return
    tokens[id] = token
    types[id] = type
  }
  for (const [token, id] of vocab) set(id, token, byteFallback && isByte(token) ? tokenTypes.byte : tokenTypes.normal)
  for (const { id, content, special } of added) set(id, content, special ? tokenTypes.control : tokenTypes.userDefined)
  const unknownId = unknown === undefined ? undefined : vocab.get(unknown)
  if (unknown !== undefined && unknownId !== undefined) set(unknownId, unknown, tokenTypes.unknown)
  return { tokens, types }
}

/**
 * SentencePiece's scores from the order of the merges: a token is the better the earlier a merge makes it. What no merge
 * makes never competes.
 */
export function scoresOf({ merges }: HubDefinition, tokens: readonly string[]): Float32Array {
  const rank = new Map<string, number>()
  for (const [at, merge] of merges.entries()) {
    const token = merge.replace(' ', '')
    if (!rank.has(token)) rank.set(token, at)
  }
  return Float32Array.from(tokens, (token) => -(rank.get(token) ?? merges.length))
}
