import { basename } from 'node:path'
import type { Failure, ModelCard, ModelRef } from '../../preload/contract'
import { countParameters, defineModel } from '../engine/models'
import { checkWeights } from '../engine/plan'
import type { Checkpoint } from '../engine/checkpoint'
import { elementCount, type FileSource } from '../engine/tensor'
import { HostError, toFailure } from '../files'
import { openBaseModel, type BaseModel } from './open-base-model'
import { readJsonObject } from './read-text'
import { resolveModelDir, type ModelPlaces } from './resolve-model-dir'

async function readName(model: BaseModel): Promise<Pick<ModelCard, 'name' | 'licence'>> {
  const { title, licence } = await model.about()
  return { name: title ?? model.name, ...(licence && { licence }) }
}

async function hasChatTemplate(files: FileSource): Promise<boolean> {
  if (await files.open('chat_template.jinja')) return true
  return (await readJsonObject(files, 'tokenizer_config.json'))?.['chat_template'] !== undefined
}

async function requireTokenizer(files: FileSource, path: string): Promise<void> {
  if (await files.open('tokenizer.json')) return
  const message = `model "${path}": expected tokenizer.json, got none; choose another folder`
  throw new HostError('model-missing', message, { path })
}

/** The type that holds most of the weights. */
function weightType(checkpoint: Checkpoint): Pick<ModelCard, 'weightType'> {
  const counts = new Map<string, number>()
  for (const name of checkpoint.names) {
    const { dtype, storedAs = dtype, shape } = checkpoint.info(name)
    counts.set(storedAs, (counts.get(storedAs) ?? 0) + elementCount(shape))
  }
  const [most] = [...counts].sort(([, a], [, b]) => b - a)
  return most ? { weightType: most[0] } : {}
}

/** Says one part of the card after another, so that what comes before the first fault is kept. */
async function* readParts(model: BaseModel, path: string): AsyncGenerator<Partial<ModelCard>, void> {
  yield { ...(await readName(model)), format: model.ggufFile === undefined ? 'folder' : 'gguf' }
  const definition = defineModel(await model.config())
  const { family, layers, hiddenSize, contextLength } = definition.config
  yield { family, layers, hiddenSize, contextLength, parameters: countParameters(definition) }
  const checkpoint = await model.weights(definition)
  yield { bytes: checkpoint.bytes, ...weightType(checkpoint) }
  checkWeights(definition, checkpoint)
  await requireTokenizer(model.files, path)
  yield { hasChatTemplate: await hasChatTemplate(model.files) }
}

const nothingKnown = {
  name: '',
  family: '',
  parameters: 0,
  layers: 0,
  hiddenSize: 0,
  contextLength: 0,
  bytes: 0,
  format: 'folder' as const,
  hasChatTemplate: false,
}

/**
 * Reads a model's config and headers, not its weights: of a Hugging Face folder or of a GGUF file. Never throws for what
 * is wrong with the model: the card then says so in `broken`, beside everything that could be read.
 */
export async function inspectModel(ref: ModelRef, places: ModelPlaces): Promise<ModelCard> {
  const path = resolveModelDir(ref, places)
  let card: ModelCard = { ref, ...nothingKnown, name: basename(path) }
  let broken: Failure | undefined
  let model: BaseModel | undefined
  try {
    model = await openBaseModel(path)
    for await (const part of readParts(model, path)) card = { ...card, ...part }
  } catch (error) {
    broken = toFailure(error, `model "${path}"`)
  } finally {
    await model?.close()
  }
  return broken ? { ...card, broken } : card
}
