import { z } from 'zod'

/** One hyper-parameter, as its method declares it: the form, the command line and the docs are drawn from this. */
export const parameterInfoSchema = z.object({
  name: z.string(),
  label: z.string(),
  explanation: z.string(),
  type: z.enum(['integer', 'number', 'boolean', 'text', 'choice']),
  default: z.union([z.number(), z.boolean(), z.string()]),
  min: z.number().optional(),
  max: z.number().optional(),
  choices: z.array(z.string()).optional(),
  /** It only matters while training, so that a run that goes on from a trained state may choose anew. */
  trainingOnly: z.boolean().optional(),
})
export type ParameterInfo = z.infer<typeof parameterInfoSchema>

export const methodInfoSchema = z.object({
  id: z.string(),
  name: z.string(),
  summary: z.string(),
  papers: z.array(z.object({ title: z.string(), url: z.string() })),
  parameters: z.array(parameterInfoSchema),
  /** In words and symbols, for example `Σ r · (in + out) over the targeted matrices`. */
  trainableFormula: z.string(),
  mergeable: z.boolean(),
  exports: z.array(z.string()),
  learningRate: z.object({ default: z.number(), low: z.number(), high: z.number() }),
})
export type MethodInfo = z.infer<typeof methodInfoSchema>
