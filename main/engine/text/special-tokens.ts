import { isObject, type JsonObject } from './read-files'

/** The files that may say which tokens are special, as far as the model's folder has them. */
export interface SpecialTokenFiles {
  /** tokenizer_config.json */
  readonly tokenizerConfig: JsonObject | undefined
  /** special_tokens_map.json */
  readonly specialTokensMap: JsonObject | undefined
  /** generation_config.json */
  readonly generationConfig: JsonObject | undefined
  /** config.json */
  readonly modelConfig: JsonObject | undefined
}

export interface SpecialTokens {
  readonly bosId: number | undefined
  /** The first one is what training appends; generation stops at any of them. */
  readonly eosIds: readonly number[]
  readonly padId: number
  /** bos_token, eos_token, pad_token, ... and their text: the variables that chat templates read. */
  readonly named: Readonly<Record<string, string>>
}

/** What the resolver needs to know of the vocabulary. */
export interface VocabularyView {
  idOf(token: string): number | undefined
  readonly vocabSize: number
}

const tokenNames = ['bos_token', 'eos_token', 'pad_token', 'unk_token', 'sep_token', 'cls_token', 'mask_token'] as const

/**
 * Resolves the special tokens. The tokenizer's own files win over the model's ids, because training data is written
 * with the tokenizer's; the ids of generation_config.json and config.json only add further ends. Without a pad token
 * the first end token pads (its labels are masked by position, never by value), and without that token 0.
 */
export function resolveSpecialTokens(files: SpecialTokenFiles, vocabulary: VocabularyView): SpecialTokens {
  const named = namedTokens(files)
  const fromName = (name: string): number[] => {
    const token = named[name]
    const id = token === undefined ? undefined : vocabulary.idOf(token)
    return id === undefined ? [] : [id]
  }
  const fromIds = (name: string): number[] =>
    [files.generationConfig, files.modelConfig].flatMap((config) => idsOf(config?.[name], vocabulary.vocabSize))
  const eosIds = [...new Set([...fromName('eos_token'), ...fromIds('eos_token_id')])]
  return {
    bosId: [...fromName('bos_token'), ...fromIds('bos_token_id')][0],
    eosIds,
    padId: [...fromName('pad_token'), ...fromIds('pad_token_id'), ...eosIds, 0][0] ?? 0,
    named,
  }
}

function namedTokens(files: SpecialTokenFiles): Record<string, string> {
  const named: Record<string, string> = {}
  for (const name of tokenNames) {
    const token = tokenText(files.tokenizerConfig?.[name]) ?? tokenText(files.specialTokensMap?.[name])
    if (token !== undefined) named[name] = token
  }
  return named
}

/** A token is written either as its text or as an object with the text in `content`. */
function tokenText(value: unknown): string | undefined {
  if (typeof value === 'string') return value
  return isObject(value) && typeof value['content'] === 'string' ? value['content'] : undefined
}

/** Ids are written as one number or as a list; -1 and other values outside the vocabulary mean "none". */
function idsOf(value: unknown, vocabSize: number): number[] {
  const candidates: unknown[] = Array.isArray(value) ? value : [value]
  return candidates.filter((id): id is number => Number.isInteger(id) && Number(id) >= 0 && Number(id) < vocabSize)
}
