import { decoderConfig } from '../config/decoder-config'
import { decoderLayerModules, decoderModules, headNormModules, type GgufArchitecture } from './architecture'

/** Biases on queries, keys and values are part of the family: no field says so. */
export const qwen2: GgufArchitecture = {
  name: 'qwen2',
  modelTypes: ['qwen2'],
  className: 'Qwen2ForCausalLM',
  layerPrefix: 'model.layers',
  modules: decoderModules,
  layerModules: decoderLayerModules,
  layouts: {},
  epsilonKey: 'attention.layer_norm_rms_epsilon',
  slides: false,
  config: (keys) => ({ ...decoderConfig(keys), hidden_act: 'silu', use_sliding_window: false }),
}

export const qwen3: GgufArchitecture = {
  name: 'qwen3',
  modelTypes: ['qwen3'],
  className: 'Qwen3ForCausalLM',
  layerPrefix: 'model.layers',
  modules: decoderModules,
  layerModules: { ...decoderLayerModules, ...headNormModules },
  layouts: {},
  epsilonKey: 'attention.layer_norm_rms_epsilon',
  slides: false,
  config: (keys) => ({
    ...decoderConfig(keys),
    hidden_act: 'silu',
    attention_bias: keys.hasTensor('blk.0.attn_q.bias'),
    use_sliding_window: false,
  }),
}
