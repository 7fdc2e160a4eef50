import { memoryBudget, processMemory, sumBytes } from '../../../advisor'
import { findMethod } from '../../../engine/methods'
import { defineModel } from '../../../engine/models'
import { planTraining } from '../../../engine/plan'

type Json = Readonly<Record<string, unknown>>

/** A training that people come with, by the shape of its model. */
interface Example {
  readonly what: string
  readonly method: string
  readonly config: Json
}

const llama = (hidden: number, inner: number, layers: number, heads: number, kvHeads: number, vocab: number): Json => ({
  model_type: 'llama',
  hidden_size: hidden,
  intermediate_size: inner,
  num_hidden_layers: layers,
  num_attention_heads: heads,
  num_key_value_heads: kvHeads,
  vocab_size: vocab,
  max_position_embeddings: 2048,
  tie_word_embeddings: vocab > 40_000,
})

/** Heads of 128 and 256 numbers, whatever the width of the stream; and vocabularies that weigh more than the layers. */
const qwen3Small: Json = {
  ...llama(1024, 3072, 28, 16, 8, 151_936),
  model_type: 'qwen3',
  head_dim: 128,
}
const gemma3Small: Json = {
  ...llama(640, 2048, 18, 4, 1, 262_144),
  model_type: 'gemma3_text',
  head_dim: 256,
  sliding_window: 512,
}

const small = llama(576, 1536, 30, 9, 3, 49_152)
const examples: readonly Example[] = [
  { what: 'the embedded starter, 11 M', method: 'lora', config: llama(384, 1024, 6, 6, 2, 4096) },
  { what: 'a model like SmolLM2-135M', method: 'lora', config: small },
  { what: 'a model like SmolLM2-135M', method: 'full', config: small },
  { what: 'GPT-2, 124 M', method: 'lora', config: { model_type: 'gpt2' } },
  { what: 'a model like Gemma-3-270m', method: 'lora', config: gemma3Small },
  { what: 'a model like Qwen3-0.6B', method: 'lora', config: qwen3Small },
  { what: 'a model like Llama-3.2-1B', method: 'lora', config: llama(2048, 8192, 16, 32, 8, 128_256) },
  { what: 'a model like Llama-2-7B', method: 'lora', config: llama(4096, 11_008, 32, 32, 32, 32_000) },
]

/** Rows and tokens of a batch that is neither small nor large. */
export const batchOfExamples = { rows: 4, length: 256 } as const

const optimiser = { betas: [0.9, 0.999] as const, epsilon: 1e-8, weightDecay: 0, maxGradNorm: 1 }

function bytesOf({ method, config }: Example): number {
  const model = defineModel(config)
  const { rows: batch, length } = batchOfExamples
  const applied = findMethod(method).apply(model, {})
  const plan = planTraining({ model, method: applied, maxLength: 2048, batch, length, optimiser, keepLayers: 0 })
  return sumBytes(processMemory([plan]))
}

export interface Fit {
  readonly what: string
  readonly method: string
  /** The least that it takes: all activations recomputed. */
  readonly bytes: number
  readonly fits: boolean
}

/** Typical trainings, by forecast and from the smallest up, and whether they fit into the memory that is free. Nothing is loaded. */
export function whatFits(free: number): Fit[] {
  return examples
    .map((example) => {
      const bytes = bytesOf(example)
      return { what: example.what, method: example.method, bytes, fits: bytes <= memoryBudget(0, free) }
    })
    .sort((a, b) => a.bytes - b.bytes)
}
