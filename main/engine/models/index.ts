import { GraftError } from '../errors'
import type { ModelConfig, ModelDefinition } from '../nn'
import type { Json } from './config-reader'
import { defineLlama, readLlamaConfig } from './llama'

interface ModelFamily {
  readConfig(json: Json): ModelConfig
  define(config: ModelConfig): ModelDefinition
}

const llama: ModelFamily = { readConfig: readLlamaConfig, define: defineLlama }

/** By `model_type` of config.json. */
const families: Readonly<Record<string, ModelFamily>> = { llama, mistral: llama, smollm: llama }

/**
 * The model that a parsed config.json describes.
 * @throws GraftError `architecture-unknown`, `config-invalid` or `unsupported`
 */
export function defineModel(json: Json): ModelDefinition {
  const type = json['model_type']
  const family = typeof type === 'string' && Object.hasOwn(families, type) ? families[type] : undefined
  if (!family) {
    const known = Object.keys(families).join(', ')
    const found = typeof type === 'string' ? type : 'nothing'
    const message = `config.json: model_type: expected one of ${known}, got ${found}; choose a model of one of these families`
    throw new GraftError('architecture-unknown', message, { found })
  }
  return family.define(family.readConfig(json))
}

/** Parameters of the base model. */
export function countParameters(model: ModelDefinition): number {
  return model.weights.reduce((sum, { shape }) => sum + shape.reduce((product, size) => product * size, 1), 0)
}
