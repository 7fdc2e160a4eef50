import type { ModelFamily } from './family'
import { gemma3 } from './gemma3'
import { gpt2 } from './gpt2'
import { llama, mistral } from './llama'
import { qwen2 } from './qwen2'
import { qwen3 } from './qwen3'

export type { ModelFamily, TransformersClasses } from './family'

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
