import { decoderConfig } from '../config/decoder-config'
import type { ModelKeys } from '../config/keys'
import { decoderLayerModules, decoderModules, headNormModules, type GgufArchitecture } from './architecture'

/** Of so many layers, the last sees everything; built into llama.cpp for files that do not say. */
const GROUP = 6
const [SLIDING, FULL] = ['sliding_attention', 'full_attention'] as const
/** llama.cpp's θ of layers that slide, where no key says it. */
const SLIDING_THETA = 10_000
/** The one size (27B) whose scores are scaled by another number than the width of a head: llama.cpp tells it by its layers. */
const LAYERS_OF_LARGEST = 62

/** A number of layers in a group, or a flag for each layer. */
function slidingLayers(keys: ModelKeys, layers: number): readonly boolean[] {
  const key = 'attention.sliding_window_pattern'
  const all = Array.from({ length: layers }, (_, i) => i)
  if (!keys.number('attention.sliding_window')) return all.map(() => false)
  const flags = keys.list(key)
  if (flags) return all.map((i) => Boolean(flags[i]))
  const group = keys.number(key) ?? GROUP
  return all.map((i) => group === 0 || (i + 1) % group !== 0)
}

/** No key says what scores are scaled by. */
function scoreScalar(keys: ModelKeys, headDim: number): number {
  const isLargest = keys.required('block_count') === LAYERS_OF_LARGEST
  return isLargest ? keys.required('embedding_length') / keys.required('attention.head_count') : headDim
}

export const gemma3: GgufArchitecture = {
  name: 'gemma3',
  modelTypes: ['gemma3_text'],
  className: 'Gemma3ForCausalLM',
  layerPrefix: 'model.layers',
  modules: decoderModules,
  layerModules: {
    ...decoderLayerModules,
    ...headNormModules,
    post_attention_norm: 'post_attention_layernorm',
    ffn_norm: 'pre_feedforward_layernorm',
    post_ffw_norm: 'post_feedforward_layernorm',
  },
  layouts: Object.fromEntries(
    ['output_norm', 'attn_norm', 'attn_q_norm', 'attn_k_norm', 'post_attention_norm', 'ffn_norm', 'post_ffw_norm'].map(
      (module) => [module, { kind: 'plusOne' }],
    ),
  ),
  epsilonKey: 'attention.layer_norm_rms_epsilon',
  slides: true,
  config(keys) {
    const { rope_parameters: full, ...shared } = decoderConfig(keys)
    const sliding = { rope_type: 'default', rope_theta: keys.number('rope.freq_base_swa') ?? SLIDING_THETA }
    const window = keys.number('attention.sliding_window')
    const cap = keys.number('final_logit_softcapping')
    return {
      ...shared,
      hidden_activation: 'gelu_pytorch_tanh',
      attention_bias: keys.hasTensor('blk.0.attn_q.bias'),
      query_pre_attn_scalar: scoreScalar(keys, shared.head_dim),
      ...(window ? { sliding_window: window } : {}),
      layer_types: slidingLayers(keys, shared.num_hidden_layers).map((slides) => (slides ? SLIDING : FULL)),
      rope_parameters: { full_attention: full, sliding_attention: sliding },
      ...(cap ? { final_logit_softcapping: cap } : {}),
    }
  },
}
