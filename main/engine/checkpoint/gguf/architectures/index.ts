import { GraftError } from '../../../errors'
import { quote } from '../../strict-json'
import type { GgufMetadata } from '../header/read-header'
import type { StoredLayout } from '../layouts'
import type { GgufArchitecture } from './architecture'
import { gemma3 } from './gemma3'
import { gpt2 } from './gpt2'
import { llama } from './llama'
import { qwen2, qwen3 } from './qwen'

export type { GgufArchitecture } from './architecture'

/** Source: gguf's tensor_mapping.py; what is stored otherwise, llama.cpp's conversion/llama.py, gpt2.py and gemma.py. */
const architectures: Readonly<Record<string, GgufArchitecture>> = { llama, qwen2, qwen3, gemma3, gpt2 }

/** @throws GraftError 'architecture-unknown' */
export function architectureOf(file: string, metadata: GgufMetadata): GgufArchitecture {
  const name = metadata.get('general.architecture')
  const found = typeof name === 'string' && Object.hasOwn(architectures, name) ? architectures[name] : undefined
  if (found) return found
  const known = Object.keys(architectures).join(', ')
  const advice = 'choose a model of one of these families'
  const message = `${file}: general.architecture: expected one of ${known}, got ${quote(name)}; ${advice}`
  throw new GraftError('architecture-unknown', message, { file, found: typeof name === 'string' ? name : null })
}

/** What a model with this `model_type` is in a GGUF file; undefined where no architecture of the table stands for it. */
export function architectureFor(modelType: string): GgufArchitecture | undefined {
  return Object.values(architectures).find(({ modelTypes }) => modelTypes.includes(modelType))
}

/** A tensor's name on the other side, and how the file stores it where not as Hugging Face does. */
export interface TensorName {
  readonly name: string
  readonly layout: StoredLayout | undefined
}

/** Hugging Face's name of a file's tensor. Undefined for tensors that are no weights, for example `rope_freqs.weight`. */
export function nameInModel(architecture: GgufArchitecture, tensor: string): TensorName | undefined {
  const [, layer, module = '', part] = /^(?:blk\.(\d+)\.)?(\w+)\.(weight|bias)$/.exec(tensor) ?? []
  const table = layer === undefined ? architecture.modules : architecture.layerModules
  if (!Object.hasOwn(table, module)) return undefined
  const prefix = layer === undefined ? '' : `${architecture.layerPrefix}.${layer}.`
  return { name: `${prefix}${table[module]}.${part}`, layout: architecture.layouts[module] }
}

/** The file's name of a weight of the model: what `nameInModel` undoes. Undefined for one that has no place in the file. */
export function nameInFile(architecture: GgufArchitecture, weight: string): TensorName | undefined {
  const [, path = '', part] = /^(.*)\.(weight|bias)$/.exec(weight) ?? []
  const start = `${architecture.layerPrefix}.`
  const [, layer, inner] = (path.startsWith(start) && /^(\d+)\.(.*)$/.exec(path.slice(start.length))) || []
  const table = layer === undefined ? architecture.modules : architecture.layerModules
  const module = Object.keys(table).find((name) => table[name] === (inner ?? path))
  if (module === undefined) return undefined
  const name = `${layer === undefined ? '' : `blk.${layer}.`}${module}.${part}`
  return { name, layout: architecture.layouts[module] }
}
