import type { AppliedMethod, Method, MethodInfo, ModelDefinition, ParameterValues } from '../nn'
import { countNumbers, gaussian } from './virtual-tokens/encoder-parts'
import {
  prefixHooks,
  prefixTensors,
  prefixWidth,
  storedPrefix,
  trainablePrefix,
} from './virtual-tokens/key-value-prefix'
import { prefixFields, readVirtualTokens } from './virtual-tokens/peft-fields'
import { prefixEncoder, sliceColumns, type Encoder } from './virtual-tokens/prompt-encoder'
import { resolveValues } from './values'
import { prefixWords } from './words/prefix'

const words = prefixWords.parameters

const info: MethodInfo = {
  id: 'prefix',
  ...prefixWords.about,
  parameters: [
    { name: 'tokens', ...words.tokens, type: 'integer', default: 20, min: 1, max: 512, usual: { low: 4, high: 200 } },
    { name: 'projection', ...words.projection, type: 'boolean', default: false },
    {
      name: 'hidden',
      ...words.hidden,
      type: 'integer',
      default: 128,
      min: 1,
      max: 8192,
      when: { parameter: 'projection', is: true },
    },
  ],
  mergeable: false,
  exports: ['peft'],
  tasks: ['causal-lm', 'sequence-classification'],
}

interface Prefix {
  readonly tokens: number
  readonly projection: boolean
  readonly hidden: number
}

function read(given: ParameterValues): Prefix {
  const { tokens, projection, hidden } = resolveValues(info, given)
  return { tokens: tokens as number, projection: projection as boolean, hidden: hidden as number }
}

const config = ({ tokens, projection, hidden }: Prefix, { config }: ModelDefinition) => ({
  peft_type: 'PREFIX_TUNING',
  prefix_projection: projection,
  encoder_hidden_size: projection ? hidden : prefixWidth(config),
  ...prefixFields(tokens, config),
})

/** What all forms share: where the prefix goes, and how it is stored. */
const common = (prefix: Prefix, model: ModelDefinition) => ({
  info,
  usesSeeds: false,
  hooks: prefixHooks(),
  positionOffset: prefix.tokens,
  adapter: {
    layout: 'peft' as const,
    config: config(prefix, model),
    tensors: [storedPrefix(prefix.tokens, model.config)],
  },
})

/**
 * Where PEFT begins with N(0, 1), small numbers disturb the model so little that it starts near its own loss: see
 * DECISIONS.md.
 */
const DEVIATION = 0.02

/** The prefix itself is trained. */
function applyPlain(prefix: Prefix, model: ModelDefinition): AppliedMethod {
  const { tokens } = prefix
  const initial = gaussian(tokens * prefixWidth(model.config), DEVIATION)
  return { ...common(prefix, model), trainable: trainablePrefix(tokens, model.config, initial) }
}

const encoderOf = ({ tokens, hidden }: Prefix, { config }: ModelDefinition): Encoder =>
  prefixEncoder(tokens, prefixWidth(config), hidden, 2 * config.layers * prefixWidth(config))

/** An encoder is trained that makes the prefix: more stable, and gone once the prefix is made. */
function applyProjected(prefix: Prefix, model: ModelDefinition): AppliedMethod {
  const encoder = encoderOf(prefix, model)
  const tensors = prefixTensors(prefix.tokens, model.config)
  return {
    ...common(prefix, model),
    trainable: encoder.weights,
    derived: [{ tensors, build: (scope) => sliceColumns(scope, encoder.build(scope), tensors.length) }],
  }
}

/** Prefix tuning (Li & Liang 2021): every layer's attention sees trained keys and values in front of the text's own. */
export const prefixTuning: Method = {
  info,
  countTrainable(model, given) {
    const prefix = read(given)
    if (prefix.projection) return countNumbers(encoderOf(prefix, model).weights)
    return countNumbers(prefixTensors(prefix.tokens, model.config))
  },
  apply(model, given) {
    const prefix = read(given)
    return prefix.projection ? applyProjected(prefix, model) : applyPlain(prefix, model)
  },
  applyStored: (model, given) => applyPlain(read(given), model),
  fromAdapterConfig(config): ParameterValues | undefined {
    if (config['peft_type'] !== 'PREFIX_TUNING') return undefined
    const projection = config['prefix_projection'] === true
    const hidden = config['encoder_hidden_size']
    return {
      tokens: readVirtualTokens(config),
      projection,
      ...(projection && typeof hidden === 'number' && { hidden }),
    }
  },
}
