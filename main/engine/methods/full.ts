import type { Method, MethodInfo, WeightSpec } from '../nn'
import { resolveValues } from './values'

const info: MethodInfo = {
  id: 'full',
  name: 'Full fine-tuning',
  summary: 'Every parameter of the model is updated, as in pretraining: the most freedom, the most memory.',
  papers: [
    {
      title: 'Improving Language Understanding by Generative Pre-Training (2018)',
      url: 'https://openai.com/research/language-unsupervised',
    },
  ],
  parameters: [],
  trainableFormula: 'all parameters of the model',
  mergeable: false,
  exports: ['merged-hf'],
  learningRate: { default: 2e-4, low: 1e-6, high: 1e-3 },
}

/** Norm weights and biases are vectors: as in transformers' Trainer, they do not decay. */
const decays = ({ shape }: WeightSpec): boolean => shape.length > 1

export const full: Method = {
  info,
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
