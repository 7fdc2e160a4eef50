import { z } from 'zod'
import {
  exportRequestSchema,
  jobControlSchema,
  jobEventBodySchema,
  jobKindSchema,
  modelRefSchema,
  samplingSchema,
  type Failure,
  type JobKind,
  type JobState,
} from '../../preload/contract'

/** The folders a worker may need; it reads no environment and looks for nothing by itself. */
export const workerPathsSchema = z.object({
  models: z.string(),
  datasets: z.string(),
  runs: z.string(),
  tmp: z.string(),
  resources: z.string(),
})
export type WorkerPaths = z.infer<typeof workerPathsSchema>

/** `resume`: go on from the latest complete checkpoint, or from the beginning where there is none. */
export const trainPayloadSchema = z.object({ runId: z.string(), resume: z.boolean() })
export type TrainPayload = z.infer<typeof trainPayloadSchema>

export const exportPayloadSchema = exportRequestSchema.extend({ runId: z.string() })
export type ExportPayload = z.infer<typeof exportPayloadSchema>

/** Who answers: the base model, a run's result on it, or an adapter folder on it. `name`: what the person calls it. */
export const speakerSchema = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('base'), name: z.string() }),
  z.object({ kind: z.literal('run'), name: z.string(), id: z.string() }),
  z.object({ kind: z.literal('adapter'), name: z.string(), path: z.string() }),
])
export type Speaker = z.infer<typeof speakerSchema>

/** Several answer one prompt on one loaded model. */
export const speakersPayloadSchema = z.object({
  model: modelRefSchema,
  speakers: z.array(speakerSchema).min(1),
  prompt: z.string().min(1),
  sampling: samplingSchema.prefault({}),
})
export type SpeakersPayload = z.infer<typeof speakersPayloadSchema>

export const importPayloadSchema = z.object({
  path: z.string(),
  /** What the person calls it; empty or absent: as the file is called. */
  name: z.string().default(''),
  /** The sheet of a workbook; absent: the first. */
  sheet: z.string().optional(),
  /** The encoding of a text file; absent: it is found out. */
  encoding: z.string().optional(),
})
export type ImportPayload = z.infer<typeof importPayloadSchema>

/** `cancelled`: the person no longer wants it. `app-closed`: the app ends, keep what is worth keeping. */
export const abortReasonSchema = z.enum(['cancelled', 'app-closed'])
export type AbortReason = z.infer<typeof abortReasonSchema>

/** Supervisor → worker. `start` comes once, in answer to `ready`. */
export const toWorkerSchema = z.discriminatedUnion('type', [
  z.object({ type: z.literal('start'), kind: jobKindSchema, payload: z.unknown(), paths: workerPathsSchema }),
  z.object({ type: z.literal('control'), action: jobControlSchema }),
  z.object({ type: z.literal('cancel'), reason: abortReasonSchema }),
])
export type ToWorker = z.infer<typeof toWorkerSchema>
export type StartMessage = Extract<ToWorker, { type: 'start' }>

/** Worker → supervisor. The last event is a `state` in which nothing goes on (done, stopped, failed …). */
export const fromWorkerSchema = z.discriminatedUnion('type', [
  z.object({ type: z.literal('ready') }),
  z.object({ type: z.literal('event'), body: jobEventBodySchema }),
])
export type FromWorker = z.infer<typeof fromWorkerSchema>

/** How a job ended. `failure` goes with `failed` and `interrupted`. */
export interface JobOutcome {
  readonly state: JobState
  readonly failure?: Failure
  readonly result?: Readonly<Record<string, unknown>>
}

/** Jobs of one lane run one after another, because each wants the memory of the whole device; the others at once. */
export const laneOf: Readonly<Record<JobKind, 'device' | 'none'>> = {
  train: 'device',
  evaluate: 'device',
  sample: 'none',
  import: 'none',
  export: 'none',
  golden: 'none',
  doctor: 'none',
}
