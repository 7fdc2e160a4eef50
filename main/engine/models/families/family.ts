import type { ModelBody, Task } from '../../nn'
import type { ConfigReader } from '../config/config-reader'

/** What a family's classes are called in transformers. */
export type TransformersClasses = Readonly<Record<Task['kind'], string>>

export interface ModelFamily {
  readonly classes: TransformersClasses
  /** @throws GraftError `config-invalid` or `unsupported` */
  define(config: ConfigReader): ModelBody
}

/** As most families call their classes. */
export const classesOf = (name: string): TransformersClasses => ({
  'causal-lm': `${name}ForCausalLM`,
  'sequence-classification': `${name}ForSequenceClassification`,
})
