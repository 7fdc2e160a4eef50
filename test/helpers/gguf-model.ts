import { readFileSync } from 'node:fs'
import { writeFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { openCheckpoint, type Checkpoint } from '../../main/engine/checkpoint'
import { bytesOf } from '../../main/engine/tensor'
import { folderFiles } from './folder-files'
import { ggufBytes, type TensorPart, type Typed } from './write-gguf'

type Json = Readonly<Record<string, unknown>>
export type Metadata = Readonly<Record<string, Typed>>

const starter = resolve(import.meta.dirname, '../../resources/starter')
const readJson = (path: string): Json => JSON.parse(readFileSync(path, 'utf8')) as Json

/** Hugging Face's modules in the words of GGUF. */
const words: readonly (readonly [RegExp, string])[] = [
  [/^model\.embed_tokens/, 'token_embd'],
  [/^model\.norm/, 'output_norm'],
  [/^lm_head/, 'output'],
  [/^model\.layers\.(\d+)\.input_layernorm/, 'blk.$1.attn_norm'],
  [/^model\.layers\.(\d+)\.post_attention_layernorm/, 'blk.$1.ffn_norm'],
  [/^model\.layers\.(\d+)\.self_attn\.o_proj/, 'blk.$1.attn_output'],
  [/^model\.layers\.(\d+)\.self_attn\.([qkv])_proj/, 'blk.$1.attn_$2'],
  [/^model\.layers\.(\d+)\.mlp\.(gate|up|down)_proj/, 'blk.$1.ffn_$2'],
]
const ggufName = (name: string): string => words.reduce((text, [from, to]) => text.replace(from, to), name)

/** llama.cpp's order of rows: within a head, first the pair and then the half. */
export function permuted(values: Float32Array, rows: number, heads: number): Float32Array {
  const [width, size] = [values.length / rows, rows / heads]
  return Float32Array.from(values, (_, at) => {
    const [row, column] = [Math.floor(at / width), at % width]
    const [head, pair, half] = [Math.floor(row / size), (row % size) >> 1, row & 1]
    return values[(head * size + half * (size / 2) + pair) * width + column]!
  })
}

/** The starter's tokenizer as a GGUF file holds one. */
export function starterVocabulary(): Metadata {
  const { model, added_tokens: added } = readJson(join(starter, 'tokenizer.json')) as {
    model: { vocab: Record<string, number>; merges: [string, string][] }
    added_tokens: { id: number; content: string }[]
  }
  const tokens = Object.entries(model.vocab)
    .sort(([, a], [, b]) => a - b)
    .map(([token]) => token)
  const special = new Set(added.map(({ id }) => id))
  const ids = tokens.map((_, id) => (special.has(id) ? 3 : 1))
  const idOf = (name: string): Typed => ['u32', tokens.indexOf(name)]
  return {
    'tokenizer.ggml.model': ['string', 'gpt2'],
    'tokenizer.ggml.pre': ['string', 'gpt-2'],
    'tokenizer.ggml.tokens': ['list', 'string', tokens],
    'tokenizer.ggml.token_type': ['list', 'i32', ids],
    'tokenizer.ggml.merges': ['list', 'string', model.merges.map((pair) => pair.join(' '))],
    'tokenizer.ggml.bos_token_id': idOf('<|endoftext|>'),
    'tokenizer.ggml.eos_token_id': idOf('<|im_end|>'),
    'tokenizer.ggml.padding_token_id': idOf('<|endoftext|>'),
    'tokenizer.ggml.unknown_token_id': idOf('<|endoftext|>'),
    'tokenizer.chat_template': ['string', String(readJson(join(starter, 'tokenizer_config.json'))['chat_template'])],
  }
}

/** What a Llama's config.json says, as GGUF metadata. */
export function llamaMetadata(config: Json): Record<string, Typed> {
  const number = (name: string): number => Number(config[name])
  const rope = (config['rope_parameters'] ?? config) as Json
  return {
    'general.architecture': ['string', 'llama'],
    'general.name': ['string', 'Tiny'],
    'general.license': ['string', 'mit'],
    'llama.embedding_length': ['u32', number('hidden_size')],
    'llama.feed_forward_length': ['u32', number('intermediate_size')],
    'llama.block_count': ['u32', number('num_hidden_layers')],
    'llama.context_length': ['u32', number('max_position_embeddings')],
    'llama.attention.head_count': ['u32', number('num_attention_heads')],
    'llama.attention.head_count_kv': ['u32', number('num_key_value_heads')],
    'llama.attention.layer_norm_rms_epsilon': ['f32', number('rms_norm_eps')],
    'llama.rope.freq_base': ['f32', Number(rope['rope_theta'] ?? 10_000)],
  }
}

/** Every weight of a Hugging Face Llama as float32 tensors of a GGUF file. */
export async function llamaTensors(config: Json, checkpoint: Checkpoint): Promise<TensorPart[]> {
  const heads = { q: Number(config['num_attention_heads']), k: Number(config['num_key_value_heads']) }
  return Promise.all(
    checkpoint.names.map(async (name) => {
      const { shape } = checkpoint.info(name)
      const values = await checkpoint.readFloat32(name)
      const which = /self_attn\.([qk])_proj/.exec(name)?.[1] as 'q' | 'k' | undefined
      const stored = which ? permuted(values, shape[0]!, heads[which]) : values
      return { name: ggufName(name), shape, type: 0, data: bytesOf(stored).slice() }
    }),
  )
}

/** A model folder as one GGUF file, with the starter's vocabulary. */
export async function ggufOfFolder(
  folder: string,
  extra: { readonly metadata?: Metadata; readonly tensors?: readonly TensorPart[] } = {},
): Promise<Uint8Array> {
  const config = readJson(join(folder, 'config.json'))
  const tensors = await llamaTensors(config, await openCheckpoint(folderFiles(folder)))
  return ggufBytes({
    metadata: { ...llamaMetadata(config), ...starterVocabulary(), ...extra.metadata },
    tensors: [...tensors, ...(extra.tensors ?? [])],
  })
}

export async function writeGgufModel(path: string, folder: string): Promise<string> {
  await writeFile(path, await ggufOfFolder(folder))
  return path
}
