import { preTokenizers, type PreTokenizer } from './pre-tokenizers'
import { bpeModel, type TokenizerParts } from './tokenizer-parts'
import { readTexts, tokenizerError, type GgufVocabulary, type Metadata } from './vocabulary'

function preTokenizerOf(metadata: Metadata): PreTokenizer {
  const key = 'tokenizer.ggml.pre'
  const name = metadata.get(key) ?? 'default'
  const found = typeof name === 'string' && Object.hasOwn(preTokenizers, name) ? preTokenizers[name] : undefined
  if (found) return found
  const known = Object.keys(preTokenizers).join(', ')
  const advice = 'use the model’s Hugging Face folder instead, which has a tokenizer.json'
  throw tokenizerError(key, `one of ${known}`, typeof name === 'string' ? `"${name}"` : 'something else', advice)
}

/** `tokenizer.ggml.model` "gpt2": byte-level BPE (Radford et al. 2019), whose tokens are bytes spelt as letters. */
export function byteLevelParts(metadata: Metadata, vocabulary: GgufVocabulary): TokenizerParts {
  const merges = readTexts(metadata, 'tokenizer.ggml.merges')
  if (!merges) throw tokenizerError('tokenizer.ggml.merges', 'the merges of a gpt2 vocabulary', 'none')
  const { splits, ignoreMerges, addBos, normalizer } = preTokenizerOf(metadata)
  const cuts = splits.map((Regex) => ({ type: 'Split', pattern: { Regex }, behavior: 'Isolated', invert: false }))
  const bytes = { type: 'ByteLevel', add_prefix_space: false, trim_offsets: true, use_regex: false }
  return {
    addBos,
    normalizer: normalizer && { type: normalizer },
    pre_tokenizer: { type: 'Sequence', pretokenizers: [...cuts, bytes] },
    decoder: { type: 'ByteLevel', add_prefix_space: true, trim_offsets: true, use_regex: true },
    model: bpeModel(vocabulary, merges, { ignore_merges: ignoreMerges }),
  }
}
