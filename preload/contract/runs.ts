import { z } from 'zod'
import { jobStateSchema, scoreSchema } from './events'
import { failureSchema } from './failure'
import { runSpecSchema } from './run-spec'
import { classCountSchema } from './task'

const point = z.object({
  step: z.number(),
  loss: z.number(),
  learningRate: z.number(),
  gradNorm: z.number(),
  tokens: z.number(),
  trainedTokens: z.number().default(0),
  tokensPerSecond: z.number(),
  trainedTokensPerSecond: z.number().default(0),
  memory: z.number(),
})
const evaluation = z.object({
  step: z.number(),
  loss: z.number(),
  perplexity: z.number(),
  score: scoreSchema.optional(),
  best: z.boolean(),
})
const sample = z.object({
  step: z.number(),
  index: z.number(),
  prompt: z.string(),
  expected: z.string(),
  answer: z.string(),
  probability: z.number().optional(),
})

/** A run as the reducer makes it from its events: the same in the app, the terminal and after a crash. */
export const runViewSchema = z.object({
  id: z.string(),
  spec: runSpecSchema,
  createdAt: z.string(),
  state: jobStateSchema,
  failure: failureSchema.optional(),
  stage: z.object({ stage: z.string(), done: z.number(), total: z.number() }).optional(),
  prepared: z
    .object({
      modelName: z.string(),
      parameters: z.number(),
      trainableParameters: z.number(),
      trainRows: z.number(),
      validationRows: z.number(),
      classes: z.array(classCountSchema).optional(),
      fingerprint: z.string().optional(),
      validationFingerprint: z.string().optional(),
      reading: z.string().optional(),
      validationReading: z.string().optional(),
      baseFingerprint: z.string().optional(),
      notes: z.array(z.string()),
      steps: z.number(),
      threads: z.number(),
      buckets: z.array(z.number()),
      batchRows: z.number().optional(),
      keptLayers: z.number().optional(),
      memory: z.array(z.object({ part: z.string(), bytes: z.number() })),
    })
    .optional(),
  step: z.number(),
  secondsLeft: z.number().optional(),
  points: z.array(point),
  evaluations: z.array(evaluation),
  samples: z.array(sample),
  checkpoints: z.array(z.object({ step: z.number(), best: z.boolean() })),
  logs: z.array(z.object({ time: z.string(), level: z.enum(['info', 'warning']), text: z.string() })),
  result: z.record(z.string(), z.unknown()).optional(),
  /** The number of the last event in this view: subscribe from here. */
  lastSeq: z.number().int(),
})
export type RunView = z.infer<typeof runViewSchema>

export const runSummarySchema = z.object({
  id: z.string(),
  name: z.string(),
  createdAt: z.string(),
  state: jobStateSchema,
  method: z.string(),
  step: z.number(),
  steps: z.number().optional(),
  lastLoss: z.number().optional(),
  bestLoss: z.number().optional(),
  /** Why the run folder could not be read; everything else may then be empty. */
  broken: failureSchema.optional(),
})
export type RunSummary = z.infer<typeof runSummarySchema>
