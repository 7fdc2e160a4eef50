import { z } from 'zod'

/** More classes than these are no classification: each needs examples of its own. */
export const MAX_CLASSES = 1000

/** What a model is to learn: to say the answer as text, or to pick one of a dataset's labels. */
export const taskSchema = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('causal-lm') }),
  z.object({
    kind: z.literal('sequence-classification'),
    /** The classes in their order; absent: the answers that the dataset has. A run's stored spec names them. */
    labels: z.array(z.string().min(1)).min(2).max(MAX_CLASSES).optional(),
    /** How a text reaches the model: as it is, or through the chat template up to where an answer would begin. */
    rendering: z.enum(['text', 'chat']).default('text'),
  }),
])
export type TaskChoice = z.infer<typeof taskSchema>

/** A label, and how many rows have it. */
export const classCountSchema = z.object({ label: z.string(), rows: z.number().int() })
export type ClassCount = z.infer<typeof classCountSchema>
