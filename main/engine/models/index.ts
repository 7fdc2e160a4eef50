import { GraftError } from '../errors'
import type { ModelDefinition, Task } from '../nn'
import { createConfigReader, type Json } from './config/config-reader'
import { requireReadable } from './config/require-readable'
import { families, refusals } from './families'
import { readTask } from './read-task'
import { withHead } from './with-head'

export { readLabels, readTask } from './read-task'
export { ropeDivisors } from './decoder/rope-table'
export { modelWeights, storedForm } from './model-weights'

/** @throws GraftError `unsupported` for a kind that is known and not computed, `architecture-unknown` for any other */
function refuseType(type: unknown): never {
  const found = typeof type === 'string' ? type : 'nothing'
  if (Object.hasOwn(refusals, found)) {
    const { expected, advice } = refusals[found] as (typeof refusals)[string]
    const message = `config.json: model_type: expected ${expected}, got ${found}; ${advice}`
    throw new GraftError('unsupported', message, { found })
  }
  const known = Object.keys(families).join(', ')
  const message = `config.json: model_type: expected one of ${known}, got ${found}; choose a model of one of these families`
  throw new GraftError('architecture-unknown', message, { found })
}

/**
 * The model that a parsed config.json describes, for a task; where none is given, for the one that it was saved for.
 * @throws GraftError `architecture-unknown`, `config-invalid` or `unsupported`
 */
export function defineModel(json: Json, task: Task = readTask(json)): ModelDefinition {
  const type = json['model_type']
  const family = typeof type === 'string' && Object.hasOwn(families, type) ? families[type] : undefined
  if (!family) return refuseType(type)
  requireReadable(json)
  return withHead(family.define(createConfigReader(json, 'config.json')), task, family.classes)
}

/** Parameters of the base model. */
export function countParameters(model: ModelDefinition): number {
  return model.weights.reduce((sum, { shape }) => sum + shape.reduce((product, size) => product * size, 1), 0)
}
