import { z } from 'zod'
import { columnMappingSchema } from './datasets'
import { startFromSchema } from './start-from'
import { taskSchema } from './task'
import { textSchema } from './catalogue/text'

export const modelRefSchema = z.union([
  z.object({ kind: z.literal('starter') }),
  /** A folder in the layout of Hugging Face, or a .gguf file. */
  z.object({ kind: z.literal('folder'), path: z.string().min(1) }),
])
export type ModelRef = z.infer<typeof modelRefSchema>

export const methodChoiceSchema = z.object({
  id: z.string(),
  /** Values for the parameters that the method's `info` declares; what is missing takes its default. */
  parameters: z.record(z.string(), z.union([z.number(), z.boolean(), z.string()])).default({}),
})
export type MethodChoice = z.infer<typeof methodChoiceSchema>

/** Which rows are held out, where it is not a share of the dataset's rows. */
export const validationSchema = z.discriminatedUnion('kind', [
  /** All rows of another dataset. */
  z.object({ kind: z.literal('dataset'), id: z.string().min(1) }),
  /** The rows whose column holds this text; all others are trained on. */
  z.object({ kind: z.literal('column'), column: z.string().min(1), value: z.string() }),
])
export type Validation = z.infer<typeof validationSchema>

export const trainingSchema = z.object({
  /** Optimiser steps; where absent, `epochs` decides. */
  steps: z.number().int().min(1).max(1_000_000).optional(),
  epochs: z.number().positive().max(1000).default(1),
  batchSize: z.number().int().min(1).max(512).default(8),
  /** Micro-batches whose gradients are summed into one optimiser step. */
  accumulation: z.number().int().min(1).max(1024).default(1),
  /** Tokens an example may have; longer ones are truncated, never losing the whole answer. */
  maxLength: z.number().int().min(8).max(1_048_576).default(512),
  /**
   * Several examples share a row, none seeing another; a batch has about as many examples as without, and learns from
   * them what it would without. Saves padding where rows are of very different lengths.
   */
  packing: z.boolean().default(false),
  /** Where absent: the method's default. */
  learningRate: z.number().positive().max(10).optional(),
  schedule: z.enum(['linear', 'cosine', 'constant']).default('linear'),
  /** A count of steps, or a share of all steps below 1. */
  warmup: z.number().min(0).default(0.05),
  weightDecay: z.number().min(0).max(1).default(0),
  betas: z.tuple([z.number().min(0).max(1), z.number().min(0).max(1)]).default([0.9, 0.999]),
  epsilon: z.number().positive().default(1e-8),
  /** 0 switches clipping off. */
  maxGradNorm: z.number().min(0).default(1),
  seed: z.number().int().min(0).default(42),
  /** Share of the rows kept back for validation. */
  validationShare: z.number().min(0).max(0.5).default(0.1),
  /** Where absent, the share decides. */
  validation: validationSchema.optional(),
  /** Rows with one and the same prompt stay on one side of the share's split, so that none is tested on what it learned. */
  keepTogether: z.boolean().default(true),
  /** At most so many validation rows are evaluated for the loss. */
  validationRows: z.number().int().min(0).default(256),
  /** Steps between evaluations; 0: only before and after. */
  evaluateEvery: z.number().int().min(0).default(20),
  /** Steps between checkpoints; 0: only at the end, on stop and on interruption. */
  checkpointEvery: z.number().int().min(0).default(20),
  /** Stop after so many evaluations without a better validation loss; 0: never. */
  patience: z.number().int().min(0).default(0),
  /** Bytes that the worker may take; 0: what is free, less a reserve. More memory buys speed, never other results. */
  memoryLimit: z.number().int().min(0).default(0),
  /** Threads of the CPU back end; 0: what the machine has. Stored with the run once resolved. */
  threads: z.number().int().min(0).max(256).default(0),
})
export type Training = z.infer<typeof trainingSchema>

export const samplingSchema = z.object({
  /** Held-out prompts answered before, during and after training. */
  prompts: z.number().int().min(0).max(32).default(4),
  maxNewTokens: z.number().int().min(1).max(4096).default(64),
  temperature: z.number().min(0).default(0),
  topK: z.number().int().min(0).default(0),
  topP: z.number().min(0).max(1).default(1),
  repetitionPenalty: z.number().min(0.5).max(2).default(1.1),
  stop: z.array(z.string()).default([]),
  seed: z.number().int().min(0).default(0),
})
export type Sampling = z.infer<typeof samplingSchema>

/** The whole truth about a run, before it starts. Same spec, same machine, same threads: same bytes. */
export const runSpecSchema = z.object({
  version: z.literal(1).default(1),
  name: z.string().max(120).default(''),
  model: modelRefSchema,
  dataset: z.object({ id: z.string(), mapping: columnMappingSchema.optional() }),
  task: taskSchema.default({ kind: 'causal-lm' }),
  method: methodChoiceSchema,
  /**
   * Absent: from the base model. Else method and base model must be those of what it starts from; parameters that are not
   * given are taken from there.
   */
  startFrom: startFromSchema.optional(),
  training: trainingSchema.prefault({}),
  sampling: samplingSchema.prefault({}),
  metric: z
    .object({
      /** `auto`: accuracy where the dataset has labels, exact match otherwise. */
      kind: z.enum(['auto', 'exact-match', 'label-accuracy', 'none']).default('auto'),
      rows: z.number().int().min(0).default(32),
    })
    .prefault({}),
  backend: z.enum(['cpu-onnx', 'reference']).default('cpu-onnx'),
})
export type RunSpec = z.infer<typeof runSpecSchema>
export type RunSpecInput = z.input<typeof runSpecSchema>

/** How a run is set up, whatever it is trained on: what an embedded sample recommends for itself. */
export const runSettingsSchema = runSpecSchema.pick({ method: true, training: true, sampling: true, metric: true })
export type RunSettings = z.infer<typeof runSettingsSchema>

/** A dataset that comes with the app, with settings under which the embedded starter model is known to learn it. */
export const sampleInfoSchema = z.object({
  id: z.string(),
  title: textSchema,
  description: textSchema,
  settings: runSettingsSchema,
})
export type SampleInfo = z.infer<typeof sampleInfoSchema>
