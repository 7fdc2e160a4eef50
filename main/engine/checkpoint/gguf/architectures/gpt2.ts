import { tokenIds } from '../config/decoder-config'
import type { GgufArchitecture } from './architecture'

/** Its matrices are turned in the file: Hugging Face keeps them as [in, out]. */
export const gpt2: GgufArchitecture = {
  name: 'gpt2',
  modelTypes: ['gpt2'],
  className: 'GPT2LMHeadModel',
  layerPrefix: 'transformer.h',
  modules: {
    token_embd: 'transformer.wte',
    position_embd: 'transformer.wpe',
    output_norm: 'transformer.ln_f',
    output: 'lm_head',
  },
  layerModules: {
    attn_norm: 'ln_1',
    attn_qkv: 'attn.c_attn',
    attn_output: 'attn.c_proj',
    ffn_norm: 'ln_2',
    ffn_up: 'mlp.c_fc',
    ffn_down: 'mlp.c_proj',
  },
  layouts: Object.fromEntries(
    ['attn_qkv', 'attn_output', 'ffn_up', 'ffn_down'].map((module) => [module, { kind: 'transposed' }]),
  ),
  epsilonKey: 'attention.layer_norm_epsilon',
  slides: false,
  config: (keys) => ({
    activation_function: 'gelu_new',
    n_embd: keys.required('embedding_length'),
    n_layer: keys.required('block_count'),
    n_head: keys.required('attention.head_count'),
    n_inner: keys.required('feed_forward_length'),
    n_positions: keys.required('context_length'),
    layer_norm_epsilon: keys.fraction('attention.layer_norm_epsilon'),
    vocab_size: keys.vocabularySize(),
    tie_word_embeddings: !keys.hasTensor('output.weight'),
    ...tokenIds(keys),
  }),
}
