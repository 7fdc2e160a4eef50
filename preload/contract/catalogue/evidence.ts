import { z } from 'zod'

/** What one method, in one form, did to the model of the comparison. */
export const measuredMethodSchema = z.object({
  name: z.string(),
  method: z.string(),
  /** The parameters that differ from the method's defaults, as they were given. */
  parameters: z.record(z.string(), z.string()),
  trainableParameters: z.number(),
  exportBytes: z.number(),
  lossBefore: z.number(),
  lossAfter: z.number(),
  tokensPerSecond: z.number(),
  peakBytes: z.number(),
  threads: z.number(),
})
export type MeasuredMethod = z.infer<typeof measuredMethodSchema>

/** Every method with its defaults on one model and dataset, as `npm run bench -- methods` measured it. */
export const evidenceSchema = z.object({
  about: z.object({
    model: z.string(),
    dataset: z.string(),
    steps: z.number(),
    batch: z.number(),
    maxLength: z.number(),
  }),
  results: z.array(measuredMethodSchema),
})
export type Evidence = z.infer<typeof evidenceSchema>
