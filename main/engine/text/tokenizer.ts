import { Tokenizer as HubTokenizer } from '@huggingface/tokenizers'
import { GraftError } from '../errors'
import type { FileSource } from '../tensor'
import { readJsonObject, type JsonObject } from './read-files'
import { resolveSpecialTokens, type SpecialTokenFiles } from './special-tokens'

export interface EncodeOptions {
  /** Whether to add what the tokenizer puts around every text, for example the start token. */
  readonly addSpecialTokens: boolean
}

export interface DecodeOptions {
  readonly skipSpecialTokens: boolean
}

/** Text to token ids and back, as the model was trained with. */
export interface Tokenizer {
  encode(text: string, options: EncodeOptions): number[]
  /** Ids outside the vocabulary (a model's matrix may be padded beyond it) decode to nothing. */
  decode(ids: readonly number[], options: DecodeOptions): string
  /** The largest id of the vocabulary plus one; the model's own matrix may have more rows. */
  readonly vocabSize: number
  readonly bosId: number | undefined
  /** The first one is what training appends; generation stops at any of them. May be empty. */
  readonly eosIds: readonly number[]
  readonly padId: number
  /** bos_token, eos_token, ... and their text: the variables that chat templates read. */
  readonly namedTokens: Readonly<Record<string, string>>
  tokenOf(id: number): string | undefined
  idOf(token: string): number | undefined
  /** True for control tokens, which are no part of a text that a person reads. */
  isSpecial(id: number): boolean
}

/**
 * Loads the tokenizer of a model folder: tokenizer.json, and as far as present tokenizer_config.json,
 * special_tokens_map.json, generation_config.json and config.json.
 * @throws GraftError 'tokenizer-invalid' where tokenizer.json is missing or broken.
 */
export async function loadTokenizer(files: FileSource): Promise<Tokenizer> {
  const read = (name: string): Promise<JsonObject | undefined> => readJsonObject(files, name, 'tokenizer-invalid')
  const definition = await read('tokenizer.json')
  if (!definition) throw invalid('a tokenizer.json in the model folder, got none', 'the model needs a fast tokenizer')
  const specialFiles: SpecialTokenFiles = {
    tokenizerConfig: await read('tokenizer_config.json'),
    specialTokensMap: await read('special_tokens_map.json'),
    generationConfig: await read('generation_config.json'),
    modelConfig: await read('config.json'),
  }
  return wrap(build(definition, specialFiles.tokenizerConfig ?? {}), specialFiles)
}

/** Parts that older files leave out; the library wants every key to be there. */
const absentParts = { normalizer: null, pre_tokenizer: null, post_processor: null, decoder: null, added_tokens: [] }

function build(definition: JsonObject, config: JsonObject): HubTokenizer {
  try {
    const hub = new HubTokenizer({ ...absentParts, ...definition }, config)
    requireIds(hub.encode('a').ids)
    return hub
  } catch (cause) {
    throw invalid(`a tokenizer.json that can be loaded, got "${messageOf(cause)}"`, 'download the file again')
  }
}

function wrap(hub: HubTokenizer, files: SpecialTokenFiles): Tokenizer {
  const vocab = hub.model?.vocab ?? []
  const idOf = (token: string): number | undefined => hub.token_to_id(token)
  const { named, ...special } = resolveSpecialTokens(files, { idOf, vocabSize: vocab.length })
  const specialIds = collectSpecialIds(hub, [...special.eosIds, special.bosId, ...Object.values(named).map(idOf)])
  return {
    ...special,
    namedTokens: named,
    vocabSize: vocab.length,
    encode: (text, { addSpecialTokens }) =>
      text === '' && !addSpecialTokens
        ? []
        : requireIds(hub.encode(text, { add_special_tokens: addSpecialTokens }).ids),
    decode: (ids, { skipSpecialTokens }) => {
      const known = ids.filter((id) => vocab[id] !== undefined && !(skipSpecialTokens && specialIds.has(id)))
      // The library's clean-up would turn " ," into ","; what a model said must come out as it was said.
      return known.length === 0 ? '' : hub.decode(known, { clean_up_tokenization_spaces: false })
    },
    tokenOf: (id) => hub.id_to_token(id),
    idOf,
    isSpecial: (id) => specialIds.has(id),
  }
}

function collectSpecialIds(hub: HubTokenizer, named: readonly (number | undefined)[]): ReadonlySet<number> {
  const ids = new Set<number>()
  for (const [id, token] of hub.get_added_tokens_decoder()) if (token.special) ids.add(id)
  for (const id of named) if (id !== undefined) ids.add(id)
  return ids
}

/** The library gives `undefined` for a token without an id, for example one that only the post-processor knows. */
function requireIds(ids: readonly (number | undefined)[]): number[] {
  if (ids.every((id): id is number => Number.isInteger(id))) return [...ids]
  throw invalid('an id for every token, got a token that is not in the vocabulary', 'the file is incomplete')
}

function invalid(expectedAndGot: string, advice: string): GraftError {
  return new GraftError('tokenizer-invalid', `tokenizer: expected ${expectedAndGot}; ${advice}`)
}

function messageOf(cause: unknown): string {
  return cause instanceof Error ? cause.message : String(cause)
}
