import { decoderConfig } from '../config/decoder-config'
import { decoderLayerModules, decoderModules, type GgufArchitecture } from './architecture'

/** Llama, and Mistral where a window is said. */
export const llama: GgufArchitecture = {
  name: 'llama',
  modelTypes: ['llama', 'mistral', 'smollm'],
  className: 'LlamaForCausalLM',
  layerPrefix: 'model.layers',
  modules: decoderModules,
  layerModules: decoderLayerModules,
  layouts: {
    attn_q: { kind: 'pairedRows', heads: 'attention.head_count' },
    attn_k: { kind: 'pairedRows', heads: 'attention.head_count_kv' },
  },
  epsilonKey: 'attention.layer_norm_rms_epsilon',
  slides: false,
  config(keys) {
    const window = keys.number('attention.sliding_window')
    return {
      ...decoderConfig(keys),
      hidden_act: 'silu',
      attention_bias: keys.hasTensor('blk.0.attn_q.bias'),
      mlp_bias: keys.hasTensor('blk.0.ffn_up.bias'),
      ...(window ? { sliding_window: window } : {}),
    }
  },
}
