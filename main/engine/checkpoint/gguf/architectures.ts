import { GraftError } from '../../errors'
import { quote } from '../strict-json'
import type { GgufMetadata } from './header/read-header'

/** What one `general.architecture` calls its tensors, and which of them it stores otherwise than Hugging Face. */
export interface GgufArchitecture {
  readonly name: string
  readonly modelType: string
  readonly className: string
  /** Modules outside of the layers: the file's name → Hugging Face's. */
  readonly modules: Readonly<Record<string, string>>
  /** Modules within a layer. */
  readonly layerModules: Readonly<Record<string, string>>
  /** Modules whose rows were permuted, and the key of the number of heads that they have. */
  readonly permuted: Readonly<Record<string, 'attention.head_count' | 'attention.head_count_kv'>>
}

/** Source: gguf's tensor_mapping.py; the permutation is in llama.cpp's conversion/llama.py. */
const architectures: Readonly<Record<string, GgufArchitecture>> = {
  llama: {
    name: 'llama',
    modelType: 'llama',
    className: 'LlamaForCausalLM',
    modules: { token_embd: 'model.embed_tokens', output_norm: 'model.norm', output: 'lm_head' },
    layerModules: {
      attn_norm: 'input_layernorm',
      attn_q: 'self_attn.q_proj',
      attn_k: 'self_attn.k_proj',
      attn_v: 'self_attn.v_proj',
      attn_output: 'self_attn.o_proj',
      ffn_norm: 'post_attention_layernorm',
      ffn_gate: 'mlp.gate_proj',
      ffn_up: 'mlp.up_proj',
      ffn_down: 'mlp.down_proj',
    },
    permuted: { attn_q: 'attention.head_count', attn_k: 'attention.head_count_kv' },
  },
}

/** @throws GraftError 'architecture-unknown' */
export function architectureOf(file: string, metadata: GgufMetadata): GgufArchitecture {
  const name = metadata.get('general.architecture')
  const found = typeof name === 'string' && Object.hasOwn(architectures, name) ? architectures[name] : undefined
  if (found) return found
  const known = Object.keys(architectures).join(', ')
  const advice = 'choose a model of one of these families'
  const message = `${file}: general.architecture: expected one of ${known}, got ${quote(name)}; ${advice}`
  throw new GraftError('architecture-unknown', message, { file, found: typeof name === 'string' ? name : null })
}

/** A tensor of the file as the model knows it. */
export interface TensorName {
  /** Hugging Face's name. */
  readonly name: string
  /** The key of the number of heads by which the rows were permuted, where they were. */
  readonly headsKey: string | undefined
}

/** Undefined for tensors that are no weights of the model, for example `rope_freqs.weight`. */
export function nameOf(architecture: GgufArchitecture, tensor: string): TensorName | undefined {
  const [, layer, module = '', part] = /^(?:blk\.(\d+)\.)?(\w+)\.(weight|bias)$/.exec(tensor) ?? []
  const table = layer === undefined ? architecture.modules : architecture.layerModules
  if (!Object.hasOwn(table, module)) return undefined
  const path = layer === undefined ? table[module] : `model.layers.${layer}.${table[module]}`
  const headsKey = layer === undefined ? undefined : architecture.permuted[module]
  return { name: `${path}.${part}`, headsKey: headsKey && `${architecture.name}.${headsKey}` }
}
