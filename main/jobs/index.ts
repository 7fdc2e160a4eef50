export { Job, type JobRequest, type JobSurroundings } from './job'
export { createJobQueue, type JobQueue } from './job-queue'
export { resultOf } from './job-result'
export {
  exportPayloadSchema,
  importPayloadSchema,
  trainPayloadSchema,
  type AbortReason,
  type ExportPayload,
  type ImportPayload,
  type JobOutcome,
  type TrainPayload,
  type WorkerPaths,
  type Speaker,
} from './protocol'
export { createTrainJobs, type TrainJobs, type TrainJobsOptions } from './train-jobs'
export type { WorkerLaunch } from './worker-process'
