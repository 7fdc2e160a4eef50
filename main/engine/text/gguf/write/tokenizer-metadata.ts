import { GraftError } from '../../../errors'
import type { FileSource } from '../../../tensor'
import type { ChatTemplate } from '../../chat-template'
import { readJsonObject } from '../../read-files'
import type { Tokenizer } from '../../tokenizer'
import { preTokenizers } from '../pre-tokenizers'
import { tokenizerFromGguf } from '../tokenizer-files'
import { readHubDefinition, type HubDefinition } from './hub-definition'
import { preTokenizerNames } from './pre-tokenizer-names'
import { awkwardText } from './probe-text'
import { scoresOf, vocabularyLists } from './vocabulary-lists'

/** A value of `tokenizer.*` metadata; a list of texts, or of numbers, is a list of the file. */
export type TokenizerEntry = string | number | boolean | readonly string[] | Int32Array | Float32Array
export type TokenizerEntries = ReadonlyMap<string, TokenizerEntry>

export interface TokenizerToWrite {
  /** Where tokenizer.json lies. */
  readonly files: FileSource
  readonly tokenizer: Tokenizer
  readonly template: ChatTemplate
  /** Rows of the model's table: what is written has as many tokens. */
  readonly rows: number
  /** Texts as the model was trained on them: what is written must read these as the tokenizer does. */
  readonly probes: readonly string[]
}

type Ways = readonly TokenizerEntries[]

const refuse = (expected: string, got: string): GraftError =>
  new GraftError(
    'export-failed',
    `GGUF: tokenizer: expected ${expected}, got ${got}; export a merged folder instead, which takes the tokenizer's own files`,
  )

/** Byte-level BPE: llama.cpp cuts texts by a named pattern, and which name does what the file says is tried out. */
function byteLevelWays(definition: HubDefinition): Ways {
  const prefixed = definition.preTokenizers.some(
    (step) => step['type'] === 'ByteLevel' && step['add_prefix_space'] === true,
  )
  if (prefixed) throw refuse('a byte-level tokenizer that adds no space before a text', 'one that does')
  return preTokenizerNames(definition).map(
    (name) =>
      new Map<string, TokenizerEntry>([
        ['tokenizer.ggml.model', 'gpt2'],
        ['tokenizer.ggml.pre', name],
        ['tokenizer.ggml.merges', definition.merges],
      ]),
  )
}

/** SentencePiece's BPE: with or without the space that it puts before a text. */
function sentencePieceWays(definition: HubDefinition, tokens: readonly string[]): Ways {
  const scores = scoresOf(definition, tokens)
  return [true, false].map(
    (prefix) =>
      new Map<string, TokenizerEntry>([
        ['tokenizer.ggml.model', 'llama'],
        ['tokenizer.ggml.pre', 'default'],
        ['tokenizer.ggml.scores', scores],
        ['tokenizer.ggml.add_space_prefix', prefix],
      ]),
  )
}

function waysOf(definition: HubDefinition, tokens: readonly string[]): Ways {
  if (definition.type !== 'BPE') throw refuse('one of the kind BPE', definition.type)
  if (definition.byteFallback) return sentencePieceWays(definition, tokens)
  if (definition.preTokenizers.some(({ type }) => type === 'ByteLevel')) return byteLevelWays(definition)
  throw refuse('BPE over bytes, or with bytes for unknown letters', 'BPE without either')
}

/** Ids that mean something, under the names that llama.cpp reads. */
function specialIds({ bosId, eosIds, padId, namedTokens, idOf }: Tokenizer): [string, number][] {
  const [eos, eot, eom] = eosIds
  const unknown = namedTokens['unk_token']
  const named = {
    bos: bosId,
    eos,
    eot,
    eom,
    padding: padId,
    unknown: unknown === undefined ? undefined : idOf(unknown),
  }
  return Object.entries(named).flatMap(([name, id]): [string, number][] =>
    id === undefined ? [] : [[`tokenizer.ggml.${name}_token_id`, id]],
  )
}

/** What the tokenizer puts around every text. */
function frame(tokenizer: Tokenizer): [string, boolean][] {
  const around = tokenizer.encode('a', { addSpecialTokens: true })
  const [first, last] = [around[0], around.at(-1)]
  return [
    ['tokenizer.ggml.add_bos_token', first !== undefined && first === tokenizer.bosId],
    ['tokenizer.ggml.add_eos_token', last !== undefined && tokenizer.eosIds.includes(last)],
  ]
}

const sameIds = (a: readonly number[], b: readonly number[]): boolean =>
  a.length === b.length && a.every((id, i) => id === b[i])

async function readsAlike(
  entries: TokenizerEntries,
  tokenizer: Tokenizer,
  probes: readonly string[],
): Promise<boolean> {
  const written = await tokenizerFromGguf(entries)
  const encoded = (reader: Tokenizer, text: string): number[] => reader.encode(text, { addSpecialTokens: false })
  return probes.every((text) => sameIds(encoded(written, text), encoded(tokenizer, text)))
}

/**
 * The `tokenizer.*` metadata of a GGUF file for the tokenizer of a Hugging Face folder, and its chat template: the one
 * that the model is trained with. What comes out was read back and tokenises the probes, and for byte-level vocabularies
 * a text full of traps, exactly as the original.
 * @throws GraftError 'export-failed' for a kind of tokenizer that the format cannot say; 'tokenizer-invalid'
 */
export async function tokenizerMetadata(input: TokenizerToWrite): Promise<TokenizerEntries> {
  const { files, tokenizer, template, rows, probes } = input
  const json = await readJsonObject(files, 'tokenizer.json', 'tokenizer-invalid')
  const definition = readHubDefinition(json ?? {})
  const { tokens, types } = vocabularyLists(definition, rows)
  const texts = definition.byteFallback ? probes : [awkwardText, ...probes]
  for (const way of waysOf(definition, tokens)) {
    const entries = new Map<string, TokenizerEntry>([
      ...way,
      ['tokenizer.ggml.tokens', tokens],
      ['tokenizer.ggml.token_type', types],
      ...specialIds(tokenizer),
      ...frame(tokenizer),
      ['tokenizer.chat_template', template.source],
    ])
    if (await readsAlike(entries, tokenizer, texts)) return entries
  }
  const known = definition.byteFallback ? 'SentencePiece' : Object.keys(preTokenizers).join(', ')
  throw refuse(`one that cuts texts as one of those that llama.cpp knows (${known})`, 'one that cuts them otherwise')
}
