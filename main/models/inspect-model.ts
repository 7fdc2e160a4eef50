import { stat } from 'node:fs/promises'
import { basename } from 'node:path'
import type { Failure, ModelCard, ModelRef } from '../../preload/contract'
import { openCheckpoint } from '../engine/checkpoint'
import { countParameters, defineModel } from '../engine/models'
import type { ModelDefinition } from '../engine/nn'
import { checkWeights } from '../engine/plan'
import type { FileSource } from '../engine/tensor'
import { folderFileSource, HostError, toFailure } from '../files'
import { readReadme } from './read-readme'
import { readJsonObject, readText } from './read-text'
import { resolveModelDir, type ModelPlaces } from './resolve-model-dir'

const missing = (folder: string, expected: string, got: string): HostError =>
  new HostError('model-missing', `model "${folder}": expected ${expected}, got ${got}; choose another folder`, {
    folder,
  })

async function readDefinition(files: FileSource, folder: string): Promise<ModelDefinition> {
  const config = await readJsonObject(files, 'config.json')
  if (config) return defineModel(config)
  const found = await stat(folder).catch(() => undefined)
  const got = found ? (found.isDirectory() ? 'a folder without one' : 'a file') : 'no such folder'
  throw missing(folder, 'a folder with config.json', got)
}

async function readName(files: FileSource, folder: string): Promise<Pick<ModelCard, 'name' | 'licence'>> {
  // A README is a courtesy: one that cannot be read makes no model unusable.
  const { title, licence } = readReadme((await readText(files, 'README.md').catch(() => undefined)) ?? '')
  return { name: title ?? basename(folder), ...(licence && { licence }) }
}

async function hasChatTemplate(files: FileSource): Promise<boolean> {
  if (await files.open('chat_template.jinja')) return true
  return (await readJsonObject(files, 'tokenizer_config.json'))?.['chat_template'] !== undefined
}

/** Says one part of the card after another, so that what comes before the first fault is kept. */
async function* readParts(files: FileSource, folder: string): AsyncGenerator<Partial<ModelCard>, void> {
  yield await readName(files, folder)
  const model = await readDefinition(files, folder)
  const { family, layers, hiddenSize, contextLength } = model.config
  yield { family, layers, hiddenSize, contextLength, parameters: countParameters(model) }
  const checkpoint = await openCheckpoint(files)
  yield { bytes: checkpoint.bytes }
  checkWeights(model, checkpoint)
  if (!(await files.open('tokenizer.json'))) throw missing(folder, 'tokenizer.json', 'none')
  yield { hasChatTemplate: await hasChatTemplate(files) }
}

const nothingKnown = {
  name: '',
  family: '',
  parameters: 0,
  layers: 0,
  hiddenSize: 0,
  contextLength: 0,
  bytes: 0,
  hasChatTemplate: false,
}

/**
 * Reads a model folder's config and headers, not its weights. Never throws for what is wrong with the model: the card
 * then says so in `broken`, beside everything that could be read.
 */
export async function inspectModel(ref: ModelRef, places: ModelPlaces): Promise<ModelCard> {
  const folder = resolveModelDir(ref, places)
  const files = folderFileSource(folder)
  let card: ModelCard = { ref, ...nothingKnown }
  let broken: Failure | undefined
  try {
    for await (const part of readParts(files, folder)) card = { ...card, ...part }
  } catch (error) {
    broken = toFailure(error, `model "${folder}"`)
  } finally {
    await files.close()
  }
  return broken ? { ...card, broken } : card
}
