import { z } from 'zod'

/** An error as it crosses a process border: plain JSON, readable by a person, with a stable code for programs. */
export const failureSchema = z.object({
  /** Stable, kebab-case: `safetensors-header`, `dataset-empty`, `disk-full`, `worker-killed` … */
  code: z.string(),
  /** `where: expected X, got Y; what to do`: one message, no stack trace. */
  message: z.string(),
  details: z.record(z.string(), z.unknown()).optional(),
})
export type Failure = z.infer<typeof failureSchema>
