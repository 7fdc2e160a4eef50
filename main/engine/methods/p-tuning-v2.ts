import type { Method, MethodInfo, ParameterValues } from '../nn'
import { countNumbers, gaussian } from './virtual-tokens/encoder-parts'
import {
  prefixHooks,
  prefixTensors,
  prefixWidth,
  storedPrefix,
  trainablePrefix,
} from './virtual-tokens/key-value-prefix'
import { prefixFields, readVirtualTokens } from './virtual-tokens/peft-fields'
import { resolveValues } from './values'
import { pTuningV2Words } from './words/p-tuning-v2'

const words = pTuningV2Words.parameters

const info: MethodInfo = {
  id: 'p-tuning-v2',
  ...pTuningV2Words.about,
  parameters: [
    { name: 'tokens', ...words.tokens, type: 'integer', default: 20, min: 1, max: 512, usual: { low: 4, high: 128 } },
    {
      name: 'dropout',
      ...words.dropout,
      type: 'number',
      default: 0.1,
      min: 0,
      max: 0.9,
      usual: { low: 0, high: 0.3 },
      trainingOnly: true,
    },
  ],
  mergeable: false,
  exports: ['peft'],
  tasks: ['causal-lm', 'sequence-classification'],
}

/** The deviation of the first values: that of the embeddings of the models that the method was made for. */
const DEVIATION = 0.02

/** P-Tuning v2 (Liu et al. 2022): prompts in every layer as keys and values, trained themselves. */
export const pTuningV2: Method = {
  info,
  countTrainable: ({ config }, given) =>
    countNumbers(prefixTensors(resolveValues(info, given)['tokens'] as number, config)),
  apply(model, given) {
    const values = resolveValues(info, given)
    const [tokens, dropout] = [values['tokens'] as number, values['dropout'] as number]
    const width = prefixWidth(model.config)
    return {
      info,
      usesSeeds: dropout > 0,
      hooks: prefixHooks(dropout),
      positionOffset: tokens,
      trainable: trainablePrefix(tokens, model.config, gaussian(tokens * width, DEVIATION)),
      adapter: {
        layout: 'peft',
        config: {
          peft_type: 'PREFIX_TUNING',
          prefix_projection: false,
          encoder_hidden_size: width,
          ...prefixFields(tokens, model.config),
        },
        tensors: [storedPrefix(tokens, model.config)],
      },
    }
  },
  /** PEFT has one type for both methods: of classifications it is this one that they were trained with. */
  fromAdapterConfig(config): ParameterValues | undefined {
    if (config['peft_type'] !== 'PREFIX_TUNING' || config['task_type'] !== 'SEQ_CLS') return undefined
    if (config['prefix_projection'] === true) return undefined
    return { tokens: readVirtualTokens(config), dropout: 0 }
  },
}
