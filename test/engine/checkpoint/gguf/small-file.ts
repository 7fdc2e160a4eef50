import { ggufBytes, type GgufParts, type Typed } from '../../../helpers/write-gguf'

/** As much as a Llama must say of itself. */
export const smallMetadata: Readonly<Record<string, Typed>> = {
  'general.architecture': ['string', 'llama'],
  'llama.embedding_length': ['u32', 8],
  'llama.feed_forward_length': ['u32', 16],
  'llama.block_count': ['u32', 1],
  'llama.context_length': ['u32', 64],
  'llama.vocab_size': ['u32', 3],
  'llama.attention.head_count': ['u32', 2],
  'llama.attention.head_count_kv': ['u32', 1],
  'llama.attention.layer_norm_rms_epsilon': ['f32', 1e-5],
}

const floats = (...values: number[]): Uint8Array => new Uint8Array(Float32Array.from(values).buffer)
export const norm = { name: 'blk.0.attn_norm.weight', shape: [8], type: 0, data: floats(1, 2, 3, 4, 5, 6, 7, 8) }
export const table = {
  name: 'token_embd.weight',
  shape: [3, 8],
  type: 0,
  data: floats(...Array.from({ length: 24 }, (_, i) => i / 2)),
}

/** A whole file of two tensors, with whatever is different about it. */
export const smallFile = ({ metadata, ...parts }: GgufParts = {}): Uint8Array =>
  ggufBytes({ tensors: [table, norm], ...parts, metadata: { ...smallMetadata, ...metadata } })
