import { GraftError } from '../errors'
import type { ModelBody, ModelConfig, ModelDefinition, Task } from '../nn'
import type { Json } from './config-reader'
import { defineLlama, readLlamaConfig } from './llama'
import { readTask } from './read-task'
import { withHead, type TransformersClasses } from './with-head'

export { readLabels, readTask } from './read-task'

interface ModelFamily {
  readonly classes: TransformersClasses
  readConfig(json: Json): ModelConfig
  define(config: ModelConfig): ModelBody
}

/** As most families call their classes. */
const classesOf = (name: string): TransformersClasses => ({
  'causal-lm': `${name}ForCausalLM`,
  'sequence-classification': `${name}ForSequenceClassification`,
})

const llama: ModelFamily = { classes: classesOf('Llama'), readConfig: readLlamaConfig, define: defineLlama }

/** By `model_type` of config.json. */
const families: Readonly<Record<string, ModelFamily>> = {
  llama,
  mistral: { ...llama, classes: classesOf('Mistral') },
  smollm: llama,
}

/**
 * The model that a parsed config.json describes, for a task; where none is given, for the one that it was saved for.
 * @throws GraftError `architecture-unknown`, `config-invalid` or `unsupported`
 */
export function defineModel(json: Json, task: Task = readTask(json)): ModelDefinition {
  const type = json['model_type']
  const family = typeof type === 'string' && Object.hasOwn(families, type) ? families[type] : undefined
  if (!family) {
    const known = Object.keys(families).join(', ')
    const found = typeof type === 'string' ? type : 'nothing'
    const message = `config.json: model_type: expected one of ${known}, got ${found}; choose a model of one of these families`
    throw new GraftError('architecture-unknown', message, { found })
  }
  return withHead(family.define(family.readConfig(json)), task, family.classes)
}

/** Parameters of the base model. */
export function countParameters(model: ModelDefinition): number {
  return model.weights.reduce((sum, { shape }) => sum + shape.reduce((product, size) => product * size, 1), 0)
}

export { ropeDivisors } from './rope'
