import { isObject, type JsonObject } from '../../read-files'

/** What of a tokenizer.json decides how a GGUF file would say it. */
export interface HubDefinition {
  readonly type: string
  readonly vocab: ReadonlyMap<string, number>
  /** `left right` each, best first. */
  readonly merges: readonly string[]
  readonly added: readonly { readonly id: number; readonly content: string; readonly special: boolean }[]
  readonly unknown: string | undefined
  readonly byteFallback: boolean
  readonly ignoreMerges: boolean
  readonly normalizers: readonly JsonObject[]
  readonly preTokenizers: readonly JsonObject[]
}

const listOf = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : [])

/** The steps of a normalizer or a pre-tokenizer, which may be a list of steps or one of its own. */
function stepsOf(value: unknown, list: string): JsonObject[] {
  if (!isObject(value)) return []
  return value['type'] === 'Sequence' ? listOf(value[list]).flatMap((step) => stepsOf(step, list)) : [value]
}

/** Newer files write a merge as a pair, older ones as a text. */
const mergeText = (merge: unknown): string => (Array.isArray(merge) ? merge.map(String).join(' ') : String(merge))

function addedOf(value: unknown): HubDefinition['added'] {
  return listOf(value)
    .filter(isObject)
    .map(({ id, content, special }) => ({ id: Number(id), content: String(content), special: special === true }))
}

/** Reads a parsed tokenizer.json that the tokenizer's own library has accepted. */
export function readHubDefinition(json: JsonObject): HubDefinition {
  const model = isObject(json['model']) ? json['model'] : {}
  const vocab = isObject(model['vocab']) ? model['vocab'] : {}
  const unknown = model['unk_token']
  return {
    type: String(model['type'] ?? (Array.isArray(model['merges']) ? 'BPE' : 'unknown')),
    vocab: new Map(Object.entries(vocab).map(([token, id]) => [token, Number(id)])),
    merges: listOf(model['merges']).map(mergeText),
    added: addedOf(json['added_tokens']),
    unknown: typeof unknown === 'string' ? unknown : undefined,
    byteFallback: model['byte_fallback'] === true,
    ignoreMerges: model['ignore_merges'] === true,
    normalizers: stepsOf(json['normalizer'], 'normalizers'),
    preTokenizers: stepsOf(json['pre_tokenizer'], 'pretokenizers'),
  }
}
