import { stat } from 'node:fs/promises'
import { basename } from 'node:path'
import { openCheckpoint, openGgufCheckpoint, type Checkpoint } from '../engine/checkpoint'
import { modelWeights } from '../engine/models'
import type { ModelDefinition } from '../engine/nn'
import type { FileSource } from '../engine/tensor'
import { ggufTokenizerFiles, jsonFiles } from '../engine/text'
import { fileByteSource, folderFileSource, HostError } from '../files'
import { readReadme, type ReadmeFacts } from './read-readme'
import { readJsonObject, readText } from './read-text'

/** A base model's parts, wherever they lie: a Hugging Face folder, or a GGUF file that is read as if it were one. */
export interface BaseModel {
  /** What runs and exports call it. */
  readonly name: string
  /** For a GGUF file its name, without the folder: other programs ask for it. */
  readonly ggufFile?: string
  /** The folder's files: of a GGUF file those that its header makes. */
  readonly files: FileSource
  /** What config.json says. @throws GraftError or HostError that says what is wrong */
  config(): Promise<Readonly<Record<string, unknown>>>
  weights(model: ModelDefinition): Promise<Checkpoint>
  /** Title and licence, as far as the model says. */
  about(): Promise<ReadmeFacts>
  close(): Promise<void>
}

async function missing(path: string): Promise<HostError> {
  const found = await stat(path).catch(() => undefined)
  const got = found ? (found.isDirectory() ? 'a folder without one' : 'a file') : 'no such folder'
  const message = `model "${path}": expected a folder with config.json, or a .gguf file, got ${got}; choose another`
  return new HostError('model-missing', message, { path })
}

function openFolder(folder: string): BaseModel {
  const files = folderFileSource(folder)
  return {
    name: basename(folder),
    files,
    async config() {
      const config = await readJsonObject(files, 'config.json')
      if (!config) throw await missing(folder)
      return config
    },
    weights: async (model) => modelWeights(model, await openCheckpoint(files)),
    // A README is a courtesy: one that cannot be read makes no model unusable.
    about: async () => readReadme((await readText(files, 'README.md').catch(() => undefined)) ?? ''),
    close: () => files.close(),
  }
}

async function openGguf(path: string): Promise<BaseModel> {
  const file = await fileByteSource(path)
  try {
    const checkpoint = await openGgufCheckpoint(file)
    const { config, ggufMetadata: metadata } = checkpoint
    const [title, licence] = [metadata.get('general.name'), metadata.get('general.license')]
    const fileName = basename(path)
    return {
      name: typeof title === 'string' && title !== '' ? title : fileName.replace(/\.gguf$/i, ''),
      ggufFile: fileName,
      files: jsonFiles({ ...ggufTokenizerFiles(metadata), 'config.json': config }),
      config: async () => config,
      weights: async (model) => modelWeights(model, checkpoint),
      about: async () => (typeof licence === 'string' ? { licence } : {}),
      close: () => file.close(),
    }
  } catch (error) {
    await file.close()
    throw error
  }
}

/**
 * Opens the base model at a path, reading no more than a GGUF file's header; whoever opens it closes it.
 * @throws HostError or GraftError where a GGUF file is missing, damaged or of an unknown kind; a folder's faults are told
 * by the parts that lack
 */
export async function openBaseModel(path: string): Promise<BaseModel> {
  if (!/\.gguf$/i.test(path)) return openFolder(path)
  const found = await stat(path).catch(() => undefined)
  if (!found) throw await missing(path)
  return found.isDirectory() ? openFolder(path) : openGguf(path)
}
