import type { Draft } from './draft'
import type { FieldInfo } from './field-info'

type Training = Draft['training']
export type TrainingKey = Exclude<
  keyof Training,
  'steps' | 'epochs' | 'betas' | 'epsilon' | 'validation' | 'validationRows' | 'threads'
>
export type TrainingField = Omit<FieldInfo, 'label' | 'explanation' | 'name'> & { readonly name: TrainingKey }

/** The training values that everybody sees. Labels and explanations are messages `training.<name>` and `…Help`. */
export const simpleTraining: readonly TrainingField[] = [
  { name: 'batchSize', type: 'integer', default: 8, min: 1, max: 512 },
  { name: 'maxLength', type: 'integer', default: 512, min: 8, max: 1_048_576 },
  { name: 'learningRate', type: 'number', default: 1e-4, min: 1e-9, max: 10 },
]

/** How many rows are held out where a share of them is. */
export const heldOutShare: TrainingField = { name: 'validationShare', type: 'number', default: 0.1, min: 0, max: 0.5 }

/** The rest, with the contract's own defaults. */
export const advancedTraining: readonly TrainingField[] = [
  { name: 'accumulation', type: 'integer', default: 1, min: 1, max: 1024 },
  { name: 'packing', type: 'boolean', default: false },
  { name: 'schedule', type: 'choice', default: 'linear', choices: ['linear', 'cosine', 'constant'] },
  { name: 'warmup', type: 'number', default: 0.05, min: 0 },
  { name: 'weightDecay', type: 'number', default: 0, min: 0, max: 1 },
  { name: 'evaluateEvery', type: 'integer', default: 20, min: 0 },
  { name: 'checkpointEvery', type: 'integer', default: 20, min: 0 },
  { name: 'patience', type: 'integer', default: 0, min: 0 },
  { name: 'seed', type: 'integer', default: 42, min: 0 },
]
