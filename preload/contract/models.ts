import { z } from 'zod'
import { failureSchema } from './failure'
import { modelRefSchema } from './run-spec'

export const modelCardSchema = z.object({
  ref: modelRefSchema,
  name: z.string(),
  /** `llama`, `qwen3`, `gpt2` … */
  family: z.string(),
  parameters: z.number(),
  layers: z.number(),
  hiddenSize: z.number(),
  contextLength: z.number(),
  /** Bytes of the weight files. */
  bytes: z.number(),
  format: z.enum(['folder', 'gguf']),
  /** How most of the weights are stored: `BF16`, `Q4_1` … */
  weightType: z.string().optional(),
  licence: z.string().optional(),
  hasChatTemplate: z.boolean(),
  /** Set where the model cannot be used, with the reason. */
  broken: failureSchema.optional(),
})
export type ModelCard = z.infer<typeof modelCardSchema>
