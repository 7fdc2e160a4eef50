import { GraftError } from '../../errors'
import type { ModelBody, RopeConfig } from '../../nn'
import type { ConfigReader } from '../config/config-reader'
import { readActivation, readDecoder, readWindows } from '../config/read-decoder'
import { readRotation } from '../config/read-rope'
import { gatedDecoder } from '../decoder/gated-decoder'
import { ATTENTION, HEADLESS } from '../decoder/pre-norm'
import type { ModelFamily } from './family'

const FULL = 'rope.full'
const SLIDING = 'rope.sliding'

/** transformers 5 describes each kind of layer by itself; before, full layers had `rope_theta` and `rope_scaling`. */
function readRotations(config: ConfigReader, headDim: number): Readonly<Record<string, RopeConfig>> {
  const kinds = config.object('rope_parameters')
  const full = kinds?.object('full_attention') ?? kinds ?? config.object('rope_scaling')
  const sliding = kinds?.object('sliding_attention')
  return {
    [FULL]: readRotation(full, config.number('rope_theta', 1_000_000), headDim),
    [SLIDING]: readRotation(sliding, config.number('rope_local_base_freq', 10_000), headDim),
  }
}

/** What no file of this generation asks for, and what would silently be another model without. */
function refuseVariants(config: ConfigReader): void {
  const set = ['final_logit_softcapping', 'attn_logit_softcapping'].filter((name) => config.has(name))
  if (config.boolean('use_bidirectional_attention', false)) set.push('use_bidirectional_attention')
  if (set.length === 0) return
  const message = `config.json: expected a Gemma 3 that looks back only and caps no logits, got ${set.join(', ')}; this is not computed yet, choose another model`
  throw new GraftError('unsupported', message, { fields: set })
}

/**
 * Norms on both sides of each sublayer whose weights count from 1, and on heads; every sixth layer sees all that is before
 * it, the others a window, each kind with a rotation of its own (Gemma Team 2025).
 */
function define(config: ConfigReader): ModelBody {
  refuseVariants(config)
  const defaults = { contextLength: 131_072, kvHeads: 4, headDim: 256, tiedHead: true }
  const shared = readDecoder(config, 'gemma3', defaults)
  const pattern = config.integer('sliding_window_pattern', config.integer('_sliding_window_pattern', 6))
  const window = config.integer('sliding_window', 4096)
  const windows = readWindows(config, shared.layers, window, (layer) => (layer + 1) % pattern !== 0)
  return gatedDecoder({
    config: { ...shared, rotations: readRotations(config, shared.headDim), windows },
    activation: readActivation(config, 'hidden_activation', 'gelu_pytorch_tanh'),
    biases: config.boolean('attention_bias', false) ? ATTENTION : [],
    norms: {
      attention: { before: 'input_layernorm', after: 'post_attention_layernorm' },
      mlp: { before: 'pre_feedforward_layernorm', after: 'post_feedforward_layernorm' },
    },
    normOffset: 1,
    headNorms: true,
    scoreScale: config.number('query_pre_attn_scalar', 256) ** -0.5,
    embeddingScale: Math.sqrt(shared.hiddenSize),
    rotationOf: (seen) => (seen > 0 ? SLIDING : FULL),
    renamedPrefixes: HEADLESS,
  })
}

export const gemma3: ModelFamily = {
  classes: {
    'causal-lm': 'Gemma3ForCausalLM',
    // The one without “Text” also sees.
    'sequence-classification': 'Gemma3TextForSequenceClassification',
  },
  define,
}
