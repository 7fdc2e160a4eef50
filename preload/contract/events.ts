import { z } from 'zod'
import { failureSchema } from './failure'
import { classCountSchema } from './task'

export const jobKindSchema = z.enum(['train', 'import', 'export', 'sample', 'evaluate', 'golden', 'doctor'])
export type JobKind = z.infer<typeof jobKindSchema>

/** `interrupted`: the worker or the app died; what was checkpointed is kept and the run can be resumed. */
export const jobStateSchema = z.enum([
  'queued',
  'running',
  'pausing',
  'paused',
  'stopping',
  'done',
  'stopped',
  'discarded',
  'failed',
  'interrupted',
])
export type JobState = z.infer<typeof jobStateSchema>

export const scoreSchema = z.object({
  /** `accuracy`: of a classifier's likeliest classes; `label-accuracy`: of answers that are to name a label. */
  kind: z.enum(['exact-match', 'label-accuracy', 'accuracy']),
  /** 0 … 1 */
  value: z.number(),
  rows: z.number().int(),
  /** Of labels: the mean of their F1 scores, 0 … 1; every label that was right or said counts alike, however rare it is. */
  macroF1: z.number().optional(),
  /** Of labels: the share of the answers that named none. */
  noLabel: z.number().optional(),
  /** Of a classifier: what it takes for what, the most frequent first. */
  confusions: z.array(z.object({ expected: z.string(), said: z.string(), rows: z.number().int() })).optional(),
})
export type Score = z.infer<typeof scoreSchema>

/** Said by a worker that has loaded a checkpoint: see the event `stage`. */
export const RESUME_STAGE = 'resume'

const body = z.discriminatedUnion('type', [
  z.object({ type: z.literal('state'), state: jobStateSchema, failure: failureSchema.optional() }),
  /**
   * What is being done before, between and after steps; `total` 0 means unknown. The stage RESUME_STAGE is special:
   * training goes on from step `done` (0: from the beginning), and whatever was said of later steps is superseded.
   */
  z.object({ type: z.literal('stage'), stage: z.string(), done: z.number(), total: z.number() }),
  /** Said once, when everything is known and nothing has been trained yet. */
  z.object({
    type: z.literal('prepared'),
    modelName: z.string(),
    parameters: z.number(),
    trainableParameters: z.number(),
    trainRows: z.number(),
    validationRows: z.number(),
    /** Of a classification: how many training rows each class has, in the order of the classes. */
    classes: z.array(classCountSchema).optional(),
    /** SHA-256 of the dataset's rows, and of those of a validation dataset: what the run is trained and measured on. */
    fingerprint: z.string().optional(),
    validationFingerprint: z.string().optional(),
    /** How these rows were read: form and columns, as JSON text. */
    reading: z.string().optional(),
    validationReading: z.string().optional(),
    /** Of the base model's weights: what is trained on top of them means nothing on top of others. */
    baseFingerprint: z.string().optional(),
    /** Rows that were left out or shortened, with the reason. */
    notes: z.array(z.string()),
    steps: z.number(),
    threads: z.number(),
    /** Padded lengths that were compiled, ascending. */
    buckets: z.array(z.number()),
    /** Rows of a training batch; packed ones hold several examples each. */
    batchRows: z.number().optional(),
    /** Layers whose activations are kept. */
    keptLayers: z.number().optional(),
    /** Bytes, by part; the sum is the forecast. */
    memory: z.array(z.object({ part: z.string(), bytes: z.number() })),
  }),
  z.object({
    type: z.literal('step'),
    step: z.number(),
    /** Mean negative log-likelihood of a trained token, in nats. */
    loss: z.number(),
    learningRate: z.number(),
    gradNorm: z.number(),
    /** Real tokens processed since the start, and those of them that bore loss; padding is not counted. */
    tokens: z.number(),
    trainedTokens: z.number().default(0),
    /** Of both kinds, over the last few steps. */
    tokensPerSecond: z.number(),
    trainedTokensPerSecond: z.number().default(0),
    /** Resident bytes of the worker. */
    memory: z.number(),
    secondsLeft: z.number(),
  }),
  z.object({
    type: z.literal('evaluation'),
    step: z.number(),
    loss: z.number(),
    perplexity: z.number(),
    best: z.boolean(),
    /** Where the metric comes with the loss: of a classifier. */
    score: scoreSchema.optional(),
  }),
  /** The metric at an evaluated step. Answers take longer than training: the first and the last are scored at the end. */
  z.object({ type: z.literal('score'), step: z.number(), score: scoreSchema }),
  z.object({
    type: z.literal('sample'),
    step: z.number(),
    index: z.number(),
    prompt: z.string(),
    expected: z.string(),
    answer: z.string(),
    /** Of a class: how sure the model is of it, 0 … 1. */
    probability: z.number().optional(),
  }),
  z.object({ type: z.literal('checkpoint'), step: z.number(), best: z.boolean() }),
  /** A generated piece of text (chat, sample); `speaker`: who says it, where several are asked. */
  z.object({ type: z.literal('token'), text: z.string(), index: z.number(), speaker: z.string().optional() }),
  z.object({ type: z.literal('log'), level: z.enum(['info', 'warning']), text: z.string() }),
  /** A job's outcome, in its own words: paths, figures. */
  z.object({ type: z.literal('result'), result: z.record(z.string(), z.unknown()) }),
])
export const jobEventBodySchema = body
export type JobEventBody = z.infer<typeof body>

/** Sequence numbers start at 1 and have no gaps; `time` is ISO 8601. */
export const jobEventSchema = z.intersection(z.object({ seq: z.number().int(), time: z.string() }), body)
export type JobEvent = z.infer<typeof jobEventSchema>

export const jobControlSchema = z.enum(['pause', 'resume', 'stop-keep', 'stop-discard', 'checkpoint'])
export type JobControl = z.infer<typeof jobControlSchema>
