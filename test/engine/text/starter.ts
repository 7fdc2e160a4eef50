import { readFile } from 'node:fs/promises'
import { loadTokenizer, type Tokenizer } from '../../../main/engine/text'
import { folderFiles } from '../../helpers/folder-files'
import { memoryFiles } from './memory-files'

export const starterFolder = 'resources/starter'

export const starterFiles = folderFiles(starterFolder)

export async function loadStarter(): Promise<Tokenizer> {
  return loadTokenizer(starterFiles)
}

interface Variation {
  /** Control tokens to add to the vocabulary. */
  readonly tokens?: readonly string[]
  /** Control tokens to take out of the vocabulary. */
  readonly without?: readonly string[]
  /** The whole tokenizer_config.json. */
  readonly config?: object
  /** Replaces parts of tokenizer.json. */
  readonly definition?: object
  readonly otherFiles?: Readonly<Record<string, string>>
}

/** The starter model's tokenizer, changed into what other model families ship. */
export async function loadVariation(variation: Variation): Promise<Tokenizer> {
  const { tokens = [], without = [], config = {}, definition = {}, otherFiles = {} } = variation
  const original = JSON.parse(await readFile(`${starterFolder}/tokenizer.json`, 'utf8'))
  const added = tokens.map((content, index) => ({ id: 4096 + index, content, special: true, normalized: false }))
  const kept = original.added_tokens.filter((token: { content: string }) => !without.includes(token.content))
  for (const token of without) delete original.model.vocab[token]
  const changed = { ...original, added_tokens: [...kept, ...added], ...definition }
  return loadTokenizer(
    memoryFiles({
      'tokenizer.json': JSON.stringify(changed),
      'tokenizer_config.json': JSON.stringify(config),
      ...otherFiles,
    }),
  )
}
