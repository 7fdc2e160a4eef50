import type { AppliedMethod, Method, MethodInfo, ModelDefinition, ParameterValues } from '../nn'
import { countNumbers } from './virtual-tokens/encoder-parts'
import { promptFields, readVirtualTokens } from './virtual-tokens/peft-fields'
import { lstmEncoder, mlpEncoder, type Encoder } from './virtual-tokens/prompt-encoder'
import { PROMPT, promptShape, softPrompt, storedPrompt, trainablePrompt } from './virtual-tokens/soft-prompt'
import { resolveValues } from './values'
import { pTuningWords } from './words/p-tuning'

const words = pTuningWords.parameters

const encoders = ['lstm', 'mlp'] as const

const info: MethodInfo = {
  id: 'p-tuning',
  ...pTuningWords.about,
  parameters: [
    { name: 'tokens', ...words.tokens, type: 'integer', default: 20, min: 1, max: 512, usual: { low: 4, high: 100 } },
    { name: 'encoder', ...words.encoder, type: 'choice', default: 'lstm', choices: encoders },
    {
      name: 'hidden',
      ...words.hidden,
      type: 'integer',
      default: 128,
      min: 1,
      max: 8192,
      usual: { low: 32, high: 2048 },
    },
    {
      name: 'layers',
      ...words.layers,
      type: 'integer',
      default: 2,
      min: 1,
      max: 8,
      advanced: true,
      when: { parameter: 'encoder', is: 'lstm' },
    },
  ],
  mergeable: false,
  exports: ['peft'],
  tasks: ['causal-lm', 'sequence-classification'],
}

interface PTuning {
  readonly tokens: number
  readonly encoder: (typeof encoders)[number]
  readonly hidden: number
  readonly layers: number
}

const read = (given: ParameterValues): PTuning => resolveValues(info, given) as unknown as PTuning

function encoderOf({ tokens, encoder, hidden, layers }: PTuning, { config }: ModelDefinition): Encoder {
  const width = config.hiddenSize
  return encoder === 'lstm' ? lstmEncoder(tokens, width, hidden, layers) : mlpEncoder(tokens, width, hidden)
}

/** What the method is while it trains and what its stored result is: a prompt at the input. */
const common = ({ tokens, encoder, hidden, layers }: PTuning, model: ModelDefinition) => ({
  info,
  ...softPrompt(tokens),
  usesSeeds: false,
  adapter: {
    layout: 'peft' as const,
    config: {
      peft_type: 'P_TUNING',
      encoder_reparameterization_type: encoder.toUpperCase(),
      encoder_hidden_size: hidden,
      encoder_num_layers: layers,
      ...promptFields(tokens, model.config),
    },
    tensors: [storedPrompt(tokens, model)],
  },
})

/** P-Tuning (Liu et al. 2021): a small network makes the prompt's vectors, so that they are learned together. */
export const pTuning: Method = {
  info,
  countTrainable: (model, given) => countNumbers(encoderOf(read(given), model).weights),
  apply(model, given): AppliedMethod {
    const values = read(given)
    const encoder = encoderOf(values, model)
    return {
      ...common(values, model),
      trainable: encoder.weights,
      derived: [
        {
          tensors: [{ name: PROMPT, shape: promptShape(values.tokens, model) }],
          build: (scope) => [encoder.build(scope)],
        },
      ],
    }
  },
  /** Only what the encoder made was stored: from then on it is a prompt like any other. */
  applyStored(model, given) {
    const values = read(given)
    const size = promptShape(values.tokens, model).reduce((a, b) => a * b)
    return {
      ...common(values, model),
      trainable: [trainablePrompt(values.tokens, model, () => new Float32Array(size))],
    }
  },
  fromAdapterConfig(config): ParameterValues | undefined {
    if (config['peft_type'] !== 'P_TUNING') return undefined
    const [hidden, layers] = [config['encoder_hidden_size'], config['encoder_num_layers']]
    return {
      tokens: readVirtualTokens(config),
      // PEFT's default, where ours is the encoder that the method is named for.
      encoder: config['encoder_reparameterization_type'] === 'LSTM' ? 'lstm' : 'mlp',
      ...(typeof hidden === 'number' && { hidden }),
      ...(typeof layers === 'number' && { layers }),
    }
  },
}
