import { GraftError } from '../../errors'
import { quote } from '../strict-json'
import type { GgufMetadata } from './header/read-header'
import type { StoredLayout } from './layouts'

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
}

/** Source: gguf's tensor_mapping.py; the permutation is in llama.cpp's conversion/llama.py. */
const architectures: Readonly<Record<string, GgufArchitecture>> = {
  llama: {
    name: 'llama',
    modelTypes: ['llama', 'mistral', 'smollm'],
    className: 'LlamaForCausalLM',
    layerPrefix: 'model.layers',
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
    layouts: {
      attn_q: { kind: 'pairedRows', heads: 'attention.head_count' },
      attn_k: { kind: 'pairedRows', heads: 'attention.head_count_kv' },
    },
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

/** What a model with this `model_type` is in a GGUF file; undefined where no architecture of the table stands for it. */
export function architectureFor(modelType: string): GgufArchitecture | undefined {
  return Object.values(architectures).find(({ modelTypes }) => modelTypes.includes(modelType))
}

/** A tensor's name on the other side, and how the file stores it where not as Hugging Face does. */
export interface TensorName {
  readonly name: string
  readonly layout: StoredLayout | undefined
}

/** Hugging Face's name of a file's tensor. Undefined for tensors that are no weights, for example `rope_freqs.weight`. */
export function nameInModel(architecture: GgufArchitecture, tensor: string): TensorName | undefined {
  const [, layer, module = '', part] = /^(?:blk\.(\d+)\.)?(\w+)\.(weight|bias)$/.exec(tensor) ?? []
  const table = layer === undefined ? architecture.modules : architecture.layerModules
  if (!Object.hasOwn(table, module)) return undefined
  const prefix = layer === undefined ? '' : `${architecture.layerPrefix}.${layer}.`
  return { name: `${prefix}${table[module]}.${part}`, layout: architecture.layouts[module] }
}

/** The file's name of a weight of the model: what `nameInModel` undoes. Undefined for one that has no place in the file. */
export function nameInFile(architecture: GgufArchitecture, weight: string): TensorName | undefined {
  const [, path = '', part] = /^(.*)\.(weight|bias)$/.exec(weight) ?? []
  const start = `${architecture.layerPrefix}.`
  const [, layer, inner] = (path.startsWith(start) && /^(\d+)\.(.*)$/.exec(path.slice(start.length))) || []
  const table = layer === undefined ? architecture.modules : architecture.layerModules
  const module = Object.keys(table).find((name) => table[name] === (inner ?? path))
  if (module === undefined) return undefined
  const name = `${layer === undefined ? '' : `blk.${layer}.`}${module}.${part}`
  return { name, layout: architecture.layouts[module] }
}
