import { stat } from 'node:fs/promises'
import { join } from 'node:path'
import type { ModelRef } from '../../../preload/contract'
import type { ModelDefinition } from '../../engine/nn'
import { isWritableFloatDtype, tensorBytes, type WritableFloatDtype } from '../../engine/tensor'
import type { ChatTemplate, Tokenizer } from '../../engine/text'
import { openModel, resolveModelDir, type ModelPlaces, type OpenModel } from '../../models'
import { rememberLast } from './remember-last'

/** What a forecast needs of a model: nothing that keeps its files open. */
export interface KnownModel {
  /** Changes when the model's files do. */
  readonly key: string
  /** config.json as it stands in the file. */
  readonly config: Readonly<Record<string, unknown>>
  /** Bytes of a model's weights in an export of the whole of it. */
  bytesOf(model: ModelDefinition): number
  readonly tokenizer: Tokenizer
  readonly template: ChatTemplate
}

/** Of a folder these files decide what is remembered; a GGUF file decides it itself. */
const decidingFiles = ['config.json', 'tokenizer.json', 'tokenizer_config.json']

async function keyOf(path: string): Promise<string> {
  const stamp = async (file: string): Promise<string> => {
    const found = await stat(file).catch(() => undefined)
    return found?.isFile() ? `${found.size}@${found.mtimeMs}` : '-'
  }
  const files = [path, ...decidingFiles.map((name) => join(path, name))]
  return [path, ...(await Promise.all(files.map(stamp)))].join(' ')
}

/** As an export writes them: types that are only read become float32, and so is what the checkpoint does not bring. */
function exportTypes({ checkpoint }: OpenModel): ReadonlyMap<string, WritableFloatDtype> {
  const types = checkpoint.names.map((name) => [name, checkpoint.info(name).dtype] as const)
  return new Map(types.flatMap(([name, dtype]) => (isWritableFloatDtype(dtype) ? [[name, dtype]] : [])))
}

async function readModel(ref: ModelRef, places: ModelPlaces, key: string): Promise<KnownModel> {
  const model = await openModel(ref, places)
  try {
    const { config, tokenizer, template } = model
    const types = exportTypes(model)
    const bytesOf = ({ weights }: ModelDefinition): number =>
      weights.reduce((sum, { name, shape }) => sum + tensorBytes(types.get(name) ?? 'F32', shape), 0)
    return { key, config, tokenizer, template, bytesOf }
  } finally {
    await model.close()
  }
}

/** Models by reference. The last one is remembered, as a tokenizer takes its time to load and much memory. */
export function knownModels(places: ModelPlaces): (ref: ModelRef) => Promise<KnownModel> {
  const remember = rememberLast<KnownModel>(1)
  return async (ref) => {
    const key = await keyOf(resolveModelDir(ref, places))
    return remember(key, () => readModel(ref, places, key))
  }
}
