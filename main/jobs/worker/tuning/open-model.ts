import { join } from 'node:path'
import type { ModelRef } from '../../../../preload/contract'
import { openCheckpoint, type Checkpoint } from '../../../engine/checkpoint'
import { defineModel } from '../../../engine/models'
import type { ModelDefinition } from '../../../engine/nn'
import type { FileSource } from '../../../engine/tensor'
import { loadChatTemplate, loadTokenizer, type ChatTemplate, type Tokenizer } from '../../../engine/text'
import { folderFileSource, HostError } from '../../../files'
import { resolveModelDir } from '../../../models'
import type { JobContext } from '../job-context'

/** A base model's folder, opened: what it is, how it reads text, where its weights lie. */
export interface OpenModel {
  readonly dir: string
  readonly name: string
  readonly files: FileSource
  /** config.json as it stands in the file. */
  readonly config: Readonly<Record<string, unknown>>
  readonly definition: ModelDefinition
  readonly checkpoint: Checkpoint
  readonly tokenizer: Tokenizer
  readonly template: ChatTemplate
  close(): Promise<void>
}

async function readConfig(files: FileSource, dir: string): Promise<Record<string, unknown>> {
  const source = await files.open('config.json')
  if (!source)
    throw new HostError(
      'model-missing',
      `model folder ${dir}: expected a config.json, got none; choose a model's folder`,
      { dir },
    )
  const bytes = new Uint8Array(source.size)
  await source.read(0, bytes)
  try {
    return JSON.parse(new TextDecoder().decode(bytes)) as Record<string, unknown>
  } catch {
    throw new HostError(
      'model-broken',
      `${join(dir, 'config.json')}: expected JSON, got something else; get the file again`,
      { dir },
    )
  }
}

export const starterDir = ({ paths }: JobContext): string => join(paths.resources, 'starter')

/** @throws GraftError or HostError that says what is wrong with the model */
export async function openModel(ref: ModelRef, context: JobContext): Promise<OpenModel> {
  const dir = resolveModelDir(ref, { starterDir: starterDir(context) })
  const files = folderFileSource(dir)
  try {
    const config = await readConfig(files, dir)
    const tokenizer = await loadTokenizer(files)
    return {
      dir,
      name: ref.kind === 'starter' ? 'Graft starter' : (dir.split(/[\\/]/).at(-1) ?? dir),
      files,
      config,
      definition: defineModel(config),
      checkpoint: await openCheckpoint(files),
      tokenizer,
      template: await loadChatTemplate(files, tokenizer),
      close: () => files.close(),
    }
  } catch (error) {
    await files.close()
    throw error
  }
}
