import type { ModelFamily } from './family'
import { gemma3 } from './gemma3'
import { gpt2 } from './gpt2'
import { llama, mistral } from './llama'
import { qwen2 } from './qwen2'
import { qwen3 } from './qwen3'

export type { ModelFamily, TransformersClasses } from './family'

/** Kinds that are known and not computed: what was expected, and what to do. By `model_type`, as the families are. */
export const refusals: Readonly<Record<string, { readonly expected: string; readonly advice: string }>> = {
  // Its own tensors, adapters and exports have other names; without its eyes it would be another model.
  gemma3: {
    expected: 'gemma3_text (a model that only reads)',
    advice: 'choose a Gemma 3 without vision (270m, 1b) or a GGUF file of its language model',
  },
}

/** By `model_type` of config.json. */
export const families: Readonly<Record<string, ModelFamily>> = {
  llama,
  mistral,
  smollm: llama,
  qwen2,
  qwen3,
  gemma3_text: gemma3,
  gpt2,
}
