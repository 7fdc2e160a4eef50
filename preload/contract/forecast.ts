import { z } from 'zod'
import { classCountSchema } from './task'

/** A change of one setting with which a run would fit: the largest batch or length that does, or another method. */
export const remedySchema = z.discriminatedUnion('setting', [
  z.object({ setting: z.literal('batchSize'), value: z.number().int() }),
  z.object({ setting: z.literal('maxLength'), value: z.number().int() }),
  z.object({ setting: z.literal('method'), value: z.string() }),
])
export type Remedy = z.infer<typeof remedySchema>

/** What a run will cost, before it starts. Sizes in bytes. */
export const forecastSchema = z.object({
  parameters: z.number().int(),
  trainableParameters: z.number().int(),
  /** Optimiser steps. */
  steps: z.number().int(),
  /** Rows that are trained on, before any is left out as unusable for this model. */
  trainRows: z.number().int(),
  /** Of a classification: how many rows of the dataset each class has. */
  classes: z.array(classCountSchema).optional(),
  /** Tokens of the longest row that was looked at. */
  longestRow: z.number().int(),
  /** Tokens, padding included, of a row in the longest batch: what memory is counted for. */
  batchLength: z.number().int(),
  /** Whether every row was looked at, and not only the longest ones by their size. */
  sawAllRows: z.boolean(),
  layers: z.number().int(),
  /** Layers whose activations are kept for the backward pass; those of the others are computed again. */
  keptLayers: z.number().int(),
  /** The process at its peak, by part; the sum is the forecast. */
  memory: z.array(z.object({ part: z.string(), bytes: z.number() })),
  /** What the machine could still give. */
  free: z.number(),
  /** What the run may take: the person's own limit, or what is free less a reserve for the rest of the machine. */
  budget: z.number(),
  /** `tight`: more than the budget, less than what is free. */
  fit: z.enum(['fits', 'tight', 'too-large']),
  /** Where it does not fit: what would help, each on its own. */
  remedies: z.array(remedySchema),
  /** Weights of the smallest export: the adapter, or the whole model where the method has none. */
  resultBytes: z.number(),
})
export type Forecast = z.infer<typeof forecastSchema>
