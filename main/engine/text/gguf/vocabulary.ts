import { GraftError } from '../../errors'

/** What a GGUF file says, by key; values are whatever the file holds. */
export type Metadata = ReadonlyMap<string, unknown>

/** By the numbers of the file. Source: TokenType in gguf's constants.py. */
export const tokenTypes = { normal: 1, unknown: 2, control: 3, userDefined: 4, unused: 5, byte: 6 } as const

/** A GGUF file's vocabulary and the ids that mean something special. */
export interface GgufVocabulary {
  readonly tokens: readonly string[]
  typeOf(id: number): number
  /** False where the file is too old to tell one kind of token from another. */
  readonly hasTypes: boolean
  /** The id under `tokenizer.ggml.NAME_token_id`; undefined where there is none or it names no token. */
  id(name: string): number | undefined
}

export function tokenizerError(key: string, expected: string, got: string, advice = 'get the file again'): GraftError {
  return new GraftError('tokenizer-invalid', `${key}: expected ${expected}, got ${got}; ${advice}`, { key })
}

/** A list of texts, or undefined where the file has none. @throws GraftError 'tokenizer-invalid' for anything else */
export function readTexts(metadata: Metadata, key: string): readonly string[] | undefined {
  const value = metadata.get(key)
  if (value === undefined) return undefined
  if (Array.isArray(value) && value.every((item) => typeof item === 'string')) return value
  throw tokenizerError(key, 'a list of texts', 'something else')
}

/** A list of `length` numbers, or undefined where the file has none. @throws GraftError 'tokenizer-invalid' */
export function readNumbers(metadata: Metadata, key: string, length: number): ArrayLike<number> | undefined {
  const value = metadata.get(key)
  if (value === undefined) return undefined
  const isList = ArrayBuffer.isView(value) && !(value instanceof DataView)
  const list = isList ? (value as unknown as ArrayLike<number>) : undefined
  if (list?.length === length) return list
  throw tokenizerError(key, `${length} numbers, one for each token`, list ? `${list.length}` : 'something else')
}

export function readBoolean(metadata: Metadata, key: string, fallback: boolean): boolean {
  const value = metadata.get(key) ?? fallback
  if (typeof value === 'boolean') return value
  throw tokenizerError(key, 'true or false', 'something else')
}

/** @throws GraftError 'tokenizer-invalid' where the file has no vocabulary */
export function readVocabulary(metadata: Metadata): GgufVocabulary {
  const tokens = readTexts(metadata, 'tokenizer.ggml.tokens')
  if (!tokens?.length) throw tokenizerError('tokenizer.ggml.tokens', 'a vocabulary', 'none', 'choose a complete model')
  const types = readNumbers(metadata, 'tokenizer.ggml.token_type', tokens.length)
  return {
    tokens,
    hasTypes: types !== undefined,
    typeOf: (id) => types?.[id] ?? tokenTypes.normal,
    id(name) {
      const id = metadata.get(`tokenizer.ggml.${name}_token_id`)
      return typeof id === 'number' && Number.isInteger(id) && id >= 0 && id < tokens.length ? id : undefined
    },
  }
}
