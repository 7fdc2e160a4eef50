import { z } from 'zod'

export const exportFormatSchema = z.enum(['peft', 'adapterhub', 'merged-hf', 'gguf', 'gguf-lora', 'ollama', 'onnx'])
export type ExportFormat = z.infer<typeof exportFormatSchema>

/** What weights are stored as. */
export const exportTypeSchema = z.enum(['F32', 'F16', 'BF16', 'Q8_0', 'Q4_0'])
export type ExportType = z.infer<typeof exportTypeSchema>

/** Types that a format's weights can be stored as. */
export const exportTypes: Readonly<Record<ExportFormat, readonly ExportType[]>> = {
  peft: [],
  adapterhub: [],
  'merged-hf': ['F32', 'F16', 'BF16'],
  gguf: ['F32', 'F16', 'BF16', 'Q8_0', 'Q4_0'],
  'gguf-lora': [],
  ollama: ['F32', 'F16', 'BF16', 'Q8_0', 'Q4_0'],
  onnx: [],
}

/** What they are stored as without a word; where there is none, a merged model keeps the base's. */
export const exportDefaults: Readonly<Partial<Record<ExportFormat, ExportType>>> = { gguf: 'F16', ollama: 'F16' }

/** What a run is to become. */
export const exportRequestSchema = z.object({ format: exportFormatSchema, type: exportTypeSchema.optional() })
export type ExportRequest = z.infer<typeof exportRequestSchema>

/** What was found when an export was loaded again by the reader of its format and compared with the trained model. */
export const certificateSchema = z.object({
  version: z.literal(1),
  verdict: z.enum(['passed', 'failed']),
  format: exportFormatSchema,
  /** The limits are those for weights stored so. */
  type: exportTypeSchema,
  run: z.object({ id: z.string(), step: z.number(), software: z.string() }),
  prompts: z.object({ count: z.number(), from: z.enum(['held-out rows', 'the studio']) }),
  logits: z.object({
    positions: z.number(),
    largestDifference: z.number(),
    allowed: z.number(),
    /** The logits' standard deviation over the vocabulary. */
    spread: z.number(),
  }),
  /** Positions at which both prefer the same token. */
  greedy: z.object({ agreeing: z.number(), positions: z.number(), required: z.number() }),
  /** Null where the format has no tokenizer of its own. */
  template: z.object({ conversations: z.number(), same: z.number() }).nullable(),
  failures: z.array(z.string()),
})
export type Certificate = z.infer<typeof certificateSchema>

export const exportResultSchema = z.object({
  format: exportFormatSchema,
  path: z.string(),
  files: z.array(z.object({ name: z.string(), bytes: z.number() })),
  /** How to use it elsewhere, as text with commands. */
  usage: z.string(),
  certificate: certificateSchema,
})
export type ExportResult = z.infer<typeof exportResultSchema>
