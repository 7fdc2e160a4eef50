import type { JsonObject } from '../read-files'
import type { GgufVocabulary } from './vocabulary'

/** What one kind of vocabulary decides of a tokenizer.json. */
export interface TokenizerParts {
  /** Whether texts begin with the start token where the file does not say. */
  readonly addBos: boolean
  readonly normalizer: JsonObject | null
  readonly pre_tokenizer: JsonObject | null
  readonly decoder: JsonObject
  readonly model: JsonObject
}

/** The model section, with every key that Hugging Face's own reader wants to see. */
export function bpeModel({ tokens }: GgufVocabulary, merges: readonly string[], own: JsonObject): JsonObject {
  return {
    type: 'BPE',
    dropout: null,
    unk_token: null,
    continuing_subword_prefix: null,
    end_of_word_suffix: null,
    fuse_unk: false,
    byte_fallback: false,
    ignore_merges: false,
    ...own,
    vocab: Object.fromEntries(tokens.map((token, id) => [token, id])),
    merges,
  }
}
