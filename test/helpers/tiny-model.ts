import { copyFile, mkdir, writeFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { writeSafetensors } from '../../main/engine/checkpoint'
import { defineModel, storedForm } from '../../main/engine/models'
import { createRng } from '../../main/engine/rng'
import { atomicFileSink } from '../../main/files'

const starter = resolve(import.meta.dirname, '../../resources/starter')

export const tinyConfig = {
  architectures: ['LlamaForCausalLM'],
  model_type: 'llama',
  hidden_size: 32,
  intermediate_size: 64,
  num_hidden_layers: 2,
  num_attention_heads: 2,
  num_key_value_heads: 1,
  vocab_size: 4096,
  max_position_embeddings: 256,
  rms_norm_eps: 1e-5,
  tie_word_embeddings: true,
  bos_token_id: 0,
  eos_token_id: 2,
}

/** The same size in each family's own words: what `config` changes. */
export const tinyFamilies = {
  llama: {},
  qwen2: { architectures: ['Qwen2ForCausalLM'], model_type: 'qwen2' },
  qwen3: { architectures: ['Qwen3ForCausalLM'], model_type: 'qwen3', head_dim: 32, tie_word_embeddings: false },
  gemma3: {
    architectures: ['Gemma3ForCausalLM'],
    model_type: 'gemma3_text',
    head_dim: 16,
    query_pre_attn_scalar: 16,
    sliding_window: 16,
    layer_types: ['sliding_attention', 'full_attention'],
  },
  gpt2: {
    architectures: ['GPT2LMHeadModel'],
    model_type: 'gpt2',
    n_embd: 32,
    n_layer: 2,
    n_head: 2,
    n_positions: 256,
  },
} as const

export interface TinyModelChanges {
  readonly config?: Readonly<Record<string, unknown>>
  /** Of the last norm, and so of the scores: near the end of float32 a step or two makes them infinite. */
  readonly finalNorm?: number
}

/** A model folder as people have them: the starter's tokenizer, and weights that are random but always the same. */
export async function writeTinyModel(folder: string, changes: TinyModelChanges = {}): Promise<string> {
  const config = { ...tinyConfig, ...changes.config }
  await mkdir(folder, { recursive: true })
  for (const name of ['tokenizer.json', 'tokenizer_config.json'])
    await copyFile(join(starter, name), join(folder, name))
  await writeFile(join(folder, 'config.json'), JSON.stringify(config))
  const rng = createRng(7)
  const tensors = defineModel(config).weights.map((spec) => {
    const { name } = spec
    const { shape } = storedForm(spec)
    const norm = name === 'model.norm.weight' ? (changes.finalNorm ?? 1) : name.endsWith('.bias') ? 0.1 : 1
    const size = shape.reduce((a, b) => a * b, 1)
    const data = Float32Array.from({ length: size }, () => (shape.length === 1 ? norm : 0.1 * rng.normal()))
    return { name, dtype: 'F32' as const, shape, data }
  })
  const sink = await atomicFileSink(join(folder, 'model.safetensors'))
  await writeSafetensors(sink, tensors)
  await sink.commit()
  return folder
}

const things = ['cat', 'dog', 'bird', 'tree', 'house', 'river', 'stone', 'apple']
const colours = ['red', 'blue', 'green', 'white', 'black']

/** Rows of a chat dataset, all different, in JSONL. */
export function tinyRows(count: number): string {
  const row = (i: number): string => {
    const [thing, colour] = [things[i % things.length], colours[i % colours.length]]
    const prompt = `Number ${i}: what colour is the ${thing}?`
    return JSON.stringify({
      prompt,
      completion: `The ${thing} is ${colour}.${i % 3 === 0 ? ' I like it very much.' : ''}`,
    })
  }
  return Array.from({ length: count }, (_, i) => `${row(i)}\n`).join('')
}
