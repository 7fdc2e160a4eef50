import { isObject, type JsonObject } from '../../read-files'
import { preTokenizers, type PreTokenizer } from '../pre-tokenizers'
import type { HubDefinition } from './hub-definition'

/** The pattern that a byte-level step cuts with by itself. */
const ownPattern = preTokenizers['gpt-2']?.splits ?? []

const cuts: Readonly<Record<string, (step: JsonObject) => readonly string[]>> = {
  Split: ({ pattern }) => (isObject(pattern) && typeof pattern['Regex'] === 'string' ? [pattern['Regex']] : []),
  Digits: ({ individual_digits }) => [individual_digits === true ? String.raw`\p{N}` : String.raw`\p{N}+`],
  ByteLevel: ({ use_regex }) => (use_regex === false ? [] : ownPattern),
}

const identity = ({ splits, ignoreMerges, normalizer }: Omit<PreTokenizer, 'addBos'>): string =>
  JSON.stringify([splits, ignoreMerges, normalizer])

/**
 * Names under which llama.cpp may know how this tokenizer cuts texts: first those whose patterns are the file's own, then
 * all others, one of each kind. The same cuts can be written in several ways, so that only trying tells.
 */
export function preTokenizerNames({ preTokenizers: steps, normalizers, ignoreMerges }: HubDefinition): string[] {
  const splits = steps.flatMap((step) => cuts[String(step['type'])]?.(step) ?? [])
  const normalizer = normalizers.some(({ type }) => type === 'NFC') ? 'NFC' : null
  const own = identity({ splits, ignoreMerges, normalizer })
  const kinds = new Map<string, string>()
  for (const [name, kind] of Object.entries(preTokenizers)) {
    const id = identity(kind)
    if (!kinds.has(id)) kinds.set(id, name)
  }
  const first = kinds.get(own)
  return [...(first === undefined ? [] : [first]), ...[...kinds.values()].filter((name) => name !== first)]
}
