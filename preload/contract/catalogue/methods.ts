import { z } from 'zod'
import { textSchema } from './text'

const valueSchema = z.union([z.number(), z.boolean(), z.string()])
const bandSchema = z.object({ low: z.number(), high: z.number() })

/** One hyper-parameter, as its method declares it: the form, the command line and the docs are drawn from this. */
export const parameterInfoSchema = z.object({
  name: z.string(),
  label: textSchema,
  explanation: textSchema,
  type: z.enum(['integer', 'number', 'boolean', 'text', 'choice']),
  default: valueSchema,
  min: z.number().optional(),
  max: z.number().optional(),
  /** What lies beyond it is allowed, and earns a warning that says what is usual. */
  usual: bandSchema.optional(),
  choices: z.array(z.string()).optional(),
  choiceLabels: z.record(z.string(), textSchema).optional(),
  /** It only matters while training, so that a run that goes on from a trained state may choose anew. */
  trainingOnly: z.boolean().optional(),
  /** Shown when asked. */
  advanced: z.boolean().optional(),
  /** It only matters while another parameter has this value. */
  when: z.object({ parameter: z.string(), is: valueSchema }).optional(),
})
export type ParameterInfo = z.infer<typeof parameterInfoSchema>

/** What a method does at one spot of a transformer: the picture of a layer is drawn from these. */
export const placeInfoSchema = z.object({
  place: z.enum(['weights', 'linear', 'after-attention', 'after-mlp', 'key-value', 'input', 'head']),
  change: z.enum(['added', 'trained', 'quantised']),
  what: textSchema,
})
export type PlaceInfo = z.infer<typeof placeInfoSchema>

export const methodInfoSchema = z.object({
  id: z.string(),
  name: textSchema,
  summary: textSchema,
  papers: z.array(z.object({ title: z.string(), url: z.string() })),
  parameters: z.array(parameterInfoSchema),
  places: z.array(placeInfoSchema),
  /** In words and symbols, for example `Σ r · (in + out) over the target matrices`. */
  trainableFormula: textSchema,
  /** What takes memory while it trains, the largest first. */
  memory: z.array(textSchema),
  learningRate: bandSchema.extend({ default: z.number() }),
  steps: z.array(textSchema),
  strengths: z.array(textSchema),
  weaknesses: z.array(textSchema),
  example: textSchema,
  exports: z.array(z.string()),
  /** Whether it can be folded into the weights. */
  mergeable: z.boolean(),
  tasks: z.array(z.enum(['causal-lm', 'sequence-classification'])),
})
export type MethodInfo = z.infer<typeof methodInfoSchema>
