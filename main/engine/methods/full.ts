import type { Method, MethodInfo, WeightSpec } from '../nn'
import { elementCount } from '../tensor'
import { resolveValues } from './values'
import { fullWords } from './words/full'

const info: MethodInfo = {
  id: 'full',
  ...fullWords.about,
  parameters: [],
  mergeable: false,
  exports: ['merged-hf', 'gguf'],
  tasks: ['causal-lm', 'sequence-classification'],
}

/** Norm weights and biases are vectors: as in transformers' Trainer, they do not decay. */
const decays = ({ shape }: WeightSpec): boolean => shape.length > 1

export const full: Method = {
  info,
  countTrainable(model, values) {
    resolveValues(info, values)
    return model.weights.reduce((sum, { shape }) => sum + elementCount(shape), 0)
  },
  apply(model, values) {
    resolveValues(info, values)
    return {
      info,
      hooks: {},
      usesSeeds: false,
      trainable: model.weights.map((spec) => ({ ...spec, decay: decays(spec), initial: 'checkpoint' })),
    }
  },
}
