import type { ModelKeys } from '../config/keys'
import type { StoredLayout } from '../layouts'

/** What one `general.architecture` calls its tensors, and which of them it stores otherwise than Hugging Face. */
export interface GgufArchitecture {
  readonly name: string
  /** `model_type` of the config.json files that it stands for; the first is what a file is read as. */
  readonly modelTypes: readonly [string, ...string[]]
  readonly className: string
  /** What Hugging Face's names have before a layer's number. */
  readonly layerPrefix: string
  /** Modules outside of the layers: the file's name → Hugging Face's. Read in both directions. */
  readonly modules: Readonly<Record<string, string>>
  /** Modules within a layer. */
  readonly layerModules: Readonly<Record<string, string>>
  /** By the file's name of a module, in a layer or outside: how its tensors are stored, where not as they are. */
  readonly layouts: Readonly<Record<string, StoredLayout>>
  /** The key of the norms' ε. */
  readonly epsilonKey: 'attention.layer_norm_rms_epsilon' | 'attention.layer_norm_epsilon'
  /** Whether runtimes let layers slide by what the file says; elsewhere a window is a limit to the context. */
  readonly slides: boolean
  /** What config.json would say of the model beside its type, as the file's keys and tensors tell it. */
  config(keys: ModelKeys): Readonly<Record<string, unknown>>
}

/** A decoder's modules that all but the oldest architectures have, by the file's names. */
export const decoderModules = {
  token_embd: 'model.embed_tokens',
  output_norm: 'model.norm',
  output: 'lm_head',
} as const
export const decoderLayerModules = {
  attn_norm: 'input_layernorm',
  attn_q: 'self_attn.q_proj',
  attn_k: 'self_attn.k_proj',
  attn_v: 'self_attn.v_proj',
  attn_output: 'self_attn.o_proj',
  ffn_norm: 'post_attention_layernorm',
  ffn_gate: 'mlp.gate_proj',
  ffn_up: 'mlp.up_proj',
  ffn_down: 'mlp.down_proj',
} as const
/** Norms of the heads of queries and keys. */
export const headNormModules = { attn_q_norm: 'self_attn.q_norm', attn_k_norm: 'self_attn.k_norm' } as const
