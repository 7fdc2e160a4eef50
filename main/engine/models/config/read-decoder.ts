import { GraftError } from '../../errors'
import type { Activation } from '../../graph'
import type { ModelConfig } from '../../nn'
import type { ConfigReader } from './config-reader'

/** What a family's class in transformers takes where a config.json says nothing. */
export interface DecoderDefaults {
  readonly contextLength: number
  /** Absent: as many as query heads. */
  readonly kvHeads?: number
  /** Absent: the width of the stream, divided among the heads. */
  readonly headDim?: number
  readonly tiedHead: boolean
}

/** Query heads share key/value heads in equal groups, and a head's elements are turned in pairs. */
function checkHeads({ heads, kvHeads, headDim }: Pick<ModelConfig, 'heads' | 'kvHeads' | 'headDim'>): void {
  const fail = (field: string, expected: string, value: number): never => {
    const message = `config.json: ${field}: expected ${expected}, got ${value}; the file may be damaged`
    throw new GraftError('config-invalid', message, { field })
  }
  if (heads % kvHeads !== 0) fail('num_key_value_heads', `a divisor of ${heads} heads`, kvHeads)
  if (headDim % 2 !== 0) fail('head_dim', 'an even number', headDim)
}

/** The fields that all families with rotary attention and a gated MLP have in common. */
export function readDecoder(
  config: ConfigReader,
  family: string,
  defaults: DecoderDefaults,
): Omit<ModelConfig, 'rotations' | 'windows'> {
  const hiddenSize = config.integer('hidden_size')
  const heads = config.integer('num_attention_heads')
  const read = {
    family,
    hiddenSize,
    layers: config.integer('num_hidden_layers'),
    heads,
    kvHeads: config.integer('num_key_value_heads', defaults.kvHeads ?? heads),
    headDim: config.integer('head_dim', defaults.headDim ?? hiddenSize / heads),
    intermediateSize: config.integer('intermediate_size'),
    vocabSize: config.integer('vocab_size'),
    contextLength: config.integer('max_position_embeddings', defaults.contextLength),
    normEpsilon: config.number('rms_norm_eps', 1e-6),
    tiedHead: config.boolean('tie_word_embeddings', defaults.tiedHead),
  }
  checkHeads(read)
  return read
}

/** transformers' names. Those of GELU are of its tanh form: the exact one is another function. */
const activations: Readonly<Record<string, Activation>> = {
  silu: 'silu',
  swish: 'silu',
  gelu_pytorch_tanh: 'geluTanh',
  gelu_new: 'geluTanh',
  gelu_fast: 'geluTanh',
  relu: 'relu',
}

/** @throws GraftError `unsupported` */
export function readActivation(config: ConfigReader, field: string, fallback: string): Activation {
  const name = config.text(field, fallback)
  const known = Object.hasOwn(activations, name) ? activations[name] : undefined
  if (known) return known
  const message = `config.json: ${field}: expected one of ${Object.keys(activations).join(', ')}, got ${name}; this activation is not computed yet`
  throw new GraftError('unsupported', message, { activation: name })
}

/**
 * What each layer's attention sees: `window` tokens where it slides, all (0) where it does not. `layer_types` says which do;
 * where a file has no such list, the family's own rule.
 * @throws GraftError `config-invalid` for a list that does not fit the layers
 */
export function readWindows(
  config: ConfigReader,
  layers: number,
  window: number,
  slides: (layer: number) => boolean,
): readonly number[] {
  const types = config.texts('layer_types')
  const known = ['sliding_attention', 'full_attention']
  if (types && (types.length !== layers || !types.every((type) => known.includes(type)))) {
    const message = `config.json: layer_types: expected ${known.join(' or ')} for each of ${layers} layers, got ${JSON.stringify(types)}; the file may be damaged`
    throw new GraftError('config-invalid', message, { field: 'layer_types' })
  }
  return Array.from({ length: layers }, (_, layer) =>
    (types ? types[layer] === 'sliding_attention' : slides(layer)) ? window : 0,
  )
}
