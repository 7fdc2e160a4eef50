import { memoryFiles, type FileSource } from '../../tensor'
import type { JsonObject } from '../read-files'
import { loadTokenizer, type Tokenizer } from '../tokenizer'
import { byteLevelParts } from './byte-level'
import { sentencePieceParts } from './sentence-piece'
import type { TokenizerParts } from './tokenizer-parts'
import {
  readBoolean,
  readVocabulary,
  tokenizerError,
  tokenTypes,
  type GgufVocabulary,
  type Metadata,
} from './vocabulary'

/** By `tokenizer.ggml.model`. */
const kinds: Readonly<Record<string, (metadata: Metadata, vocabulary: GgufVocabulary) => TokenizerParts>> = {
  gpt2: byteLevelParts,
  llama: sentencePieceParts,
}

/** Hugging Face's names of the tokens that a file may name by id. */
const namedTokens = { bos_token: 'bos', eos_token: 'eos', unk_token: 'unknown', pad_token: 'padding' } as const
/** Ends of an answer, of a turn, of a message to a tool: generation stops at each of them. */
const ends = ['eos', 'eot', 'eom']

function partsOf(metadata: Metadata, vocabulary: GgufVocabulary): TokenizerParts {
  const key = 'tokenizer.ggml.model'
  const name = metadata.get(key)
  const build = typeof name === 'string' && Object.hasOwn(kinds, name) ? kinds[name] : undefined
  if (build) return build(metadata, vocabulary)
  const got = typeof name === 'string' ? `"${name}"` : 'none'
  throw tokenizerError(key, Object.keys(kinds).join(' or '), got, 'use the model’s Hugging Face folder instead')
}

/** Tokens that are found whole in a text: control tokens are special, a person's own are not. */
function addedTokens(vocabulary: GgufVocabulary): JsonObject[] {
  const { unknown, control, userDefined } = tokenTypes
  const special = new Set(
    vocabulary.hasTypes ? [] : [...Object.values(namedTokens), ...ends].map((name) => vocabulary.id(name)),
  )
  return vocabulary.tokens.flatMap((content, id) => {
    const type = special.has(id) ? control : vocabulary.typeOf(id)
    if (content === '' || (type !== unknown && type !== control && type !== userDefined)) return []
    const places = { single_word: false, lstrip: false, rstrip: false, normalized: false }
    return [{ id, content, ...places, special: type !== userDefined }]
  })
}

interface Frame {
  readonly bos: number | undefined
  readonly eos: number | undefined
}

/** What is put around every text. */
function frameOf(metadata: Metadata, vocabulary: GgufVocabulary, addBos: boolean): Frame {
  const wanted = (name: string, fallback: boolean): number | undefined =>
    readBoolean(metadata, `tokenizer.ggml.add_${name}_token`, fallback) ? vocabulary.id(name) : undefined
  return { bos: wanted('bos', addBos), eos: wanted('eos', false) }
}

function postProcessor({ tokens }: GgufVocabulary, { bos, eos }: Frame): JsonObject | null {
  if (bos === undefined && eos === undefined) return null
  const mark = (id: number | undefined, type_id: number): JsonObject[] =>
    id === undefined ? [] : [{ SpecialToken: { id: tokens[id], type_id } }]
  const around = (sequence: string, type_id: number): JsonObject[] => [
    ...mark(bos, type_id),
    { Sequence: { id: sequence, type_id } },
    ...mark(eos, type_id),
  ]
  const used = [bos, eos].flatMap((id) => (id === undefined ? [] : [[tokens[id], id] as const]))
  return {
    type: 'TemplateProcessing',
    single: around('A', 0),
    pair: [...around('A', 0), ...around('B', 1)],
    special_tokens: Object.fromEntries(used.map(([token, id]) => [token, { id: token, ids: [id], tokens: [token] }])),
  }
}

/** tokenizer.json */
function tokenizerDefinition(vocabulary: GgufVocabulary, parts: TokenizerParts, frame: Frame): JsonObject {
  const { normalizer, pre_tokenizer, decoder, model } = parts
  return {
    version: '1.0',
    truncation: null,
    padding: null,
    added_tokens: addedTokens(vocabulary),
    normalizer,
    pre_tokenizer,
    post_processor: postProcessor(vocabulary, frame),
    decoder,
    model,
  }
}

/** tokenizer_config.json */
function tokenizerConfig(metadata: Metadata, vocabulary: GgufVocabulary, frame: Frame): JsonObject {
  const named = Object.entries(namedTokens).flatMap(([field, name]) => {
    const id = vocabulary.id(name)
    return id === undefined ? [] : [[field, vocabulary.tokens[id]]]
  })
  const template = metadata.get('tokenizer.chat_template')
  const context = metadata.get(`${String(metadata.get('general.architecture'))}.context_length`)
  return {
    tokenizer_class: 'PreTrainedTokenizerFast',
    add_bos_token: frame.bos !== undefined,
    add_eos_token: frame.eos !== undefined,
    clean_up_tokenization_spaces: false,
    ...Object.fromEntries(named),
    ...(typeof context === 'number' && { model_max_length: context }),
    ...(typeof template === 'string' && { chat_template: template }),
  }
}

/** generation_config.json */
function generationConfig(vocabulary: GgufVocabulary): JsonObject {
  const [bos, pad] = [vocabulary.id('bos'), vocabulary.id('padding')]
  const eos = [...new Set(ends.flatMap((name) => vocabulary.id(name) ?? []))]
  return {
    ...(bos !== undefined && { bos_token_id: bos }),
    ...(eos.length > 0 && { eos_token_id: eos.length === 1 ? eos[0] : eos }),
    ...(pad !== undefined && { pad_token_id: pad }),
  }
}

/**
 * The tokenizer files of a GGUF file's model, as a Hugging Face folder would hold them: tokenizer.json,
 * tokenizer_config.json with the chat template, generation_config.json.
 * @throws GraftError 'tokenizer-invalid' naming the key that is missing, or of which the value is not known
 */
export function ggufTokenizerFiles(metadata: Metadata): Readonly<Record<string, JsonObject>> {
  const vocabulary = readVocabulary(metadata)
  const parts = partsOf(metadata, vocabulary)
  const frame = frameOf(metadata, vocabulary, parts.addBos)
  return {
    'tokenizer.json': tokenizerDefinition(vocabulary, parts, frame),
    'tokenizer_config.json': tokenizerConfig(metadata, vocabulary, frame),
    'generation_config.json': generationConfig(vocabulary),
  }
}

/** JSON documents as a folder of files. */
export function jsonFiles(documents: Readonly<Record<string, JsonObject>>): FileSource {
  return memoryFiles(
    Object.fromEntries(Object.entries(documents).map(([name, json]) => [name, () => JSON.stringify(json)])),
  )
}

/** The tokenizer of a GGUF file's metadata. @throws GraftError 'tokenizer-invalid' */
export function tokenizerFromGguf(metadata: Metadata): Promise<Tokenizer> {
  return loadTokenizer(jsonFiles(ggufTokenizerFiles(metadata)))
}
