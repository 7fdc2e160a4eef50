import {
  exportResultSchema,
  type ExportFormat,
  type ExportResult,
  type ExportType,
  type JobControl,
  type JobEvent,
  type JobState,
  type RunSpec,
  type RunSummary,
  type RunView,
} from '../../preload/contract'
import { HostError, toFailure } from '../files'
import {
  createRun,
  followRunEvents,
  isActive,
  listRuns,
  lockHolder,
  openRun,
  prepareStart,
  removeRun,
  runLocked,
  runPaths,
  settleRun,
  snapshotRunView,
  summariseRun,
  type RunPaths,
  type SummaryCache,
} from '../runs'
import type { JobQueue } from './job-queue'
import { resultOf } from './job-result'
import { createLiveRuns, type LiveRuns } from './live-runs'
import type { ExportPayload } from './protocol'

/** Runs and the jobs that work on them. Every method throws HostError: `run-missing`, `run-locked` and those named. */
export interface TrainJobs {
  /**
   * Queues a new run. One that goes on from something gets a copy of it first.
   * @returns the new run's id
   * @throws HostError `start-mismatch`, `start-missing`, `start-busy`, `start-damaged`, `run-untrained`, and whatever
   * `fill` and `check` throw: no run is made then
   */
  createAndStart(spec: RunSpec): Promise<string>
  /** @throws HostError `control-refused` */
  control(id: string, action: JobControl): Promise<void>
  /** Goes on from the latest checkpoint, in the same log. @throws HostError `resume-impossible` */
  resume(id: string): Promise<void>
  /** @throws HostError with the exporter's failure */
  export(id: string, format: ExportFormat, type?: ExportType): Promise<ExportResult>
  view(id: string): Promise<RunView>
  /** All runs, the newest first. Marks those as interrupted whose process died: call it once when the app starts. */
  list(): Promise<readonly RunSummary[]>
  /** Events after number `after`, past then live until the run ends; also of a run that another process writes. */
  events(id: string, after: number): AsyncIterable<JobEvent>
  remove(id: string): Promise<void>
}

export interface TrainJobsOptions {
  readonly queue: JobQueue
  readonly runsFolder: string
  /** The embedded model. */
  readonly starterDir: string
  /** The spec with everything filled in that its data decide. */
  fill(spec: RunSpec): Promise<RunSpec>
  /** Throws where a run could only fail: a wrong setting, a model that is not there. */
  check(spec: RunSpec): Promise<void>
  /** ISO 8601 */
  now(): string
  /** Four random letters or digits. */
  newSuffix(): string
}

/** States after which there is nothing to go on with. */
const finalStates: readonly JobState[] = ['done', 'discarded']

export function createTrainJobs({
  queue,
  runsFolder,
  starterDir,
  fill,
  check,
  now,
  newSuffix,
}: TrainJobsOptions): TrainJobs {
  const live = createLiveRuns(queue)
  const cache: SummaryCache = new Map()
  const settle = (id: string): Promise<RunView> => settleRun(runsFolder, id, now)
  const view = async (id: string): Promise<RunView> => {
    const run = live.get(id)
    return run ? snapshotRunView(run.view) : settle(id)
  }
  const create = async (given: RunSpec): Promise<string> => {
    const asked = await fill(given)
    const start = await prepareStart(asked, { runs: runsFolder, starterDir, view })
    const writing = start && { fill: (paths: RunPaths): Promise<void> => start.writeTo(paths.start) }
    try {
      const spec = start?.spec ?? asked
      await check(spec)
      return (await createRun(runsFolder, { spec, createdAt: now(), suffix: newSuffix(), ...writing })).id
    } finally {
      await start?.close()
    }
  }
  return {
    async createAndStart(spec) {
      const id = await create(spec)
      live.start(await openRun(runsFolder, id), false)
      return id
    },
    async control(id, action) {
      const run = await live.atWork(id)
      if (run) return run.job.control(action)
      const { state } = await settle(id)
      if (isActive(state)) throw runLocked(id, await lockHolder(runPaths(runsFolder, id).lock))
      throw nothingToControl(id, action, state)
    },
    async resume(id) {
      if (await live.atWork(id)) throw runLocked(id, { pid: process.pid })
      const run = await openRun(runsFolder, id)
      if (!finalStates.includes(run.view.state)) return live.start(run, true)
      await run.close()
      throw cannotResume(id, run.view.state)
    },
    async export(id, format, type) {
      await settle(id)
      const payload: ExportPayload = { runId: id, format, ...(type && { type }) }
      return exportResultSchema.parse(await resultOf(queue.startJob({ kind: 'export', payload })))
    },
    view,
    list: () => listSettled(runsFolder, cache, live, settle),
    async *events(id, after) {
      const run = live.get(id)
      if (!run) return yield* followRunEvents(runsFolder, id, after, now)
      yield* run.job.events(after)
      // The end of the events is the end of the work on the files, too.
      await run.released
    },
    async remove(id) {
      await live.atWork(id)
      await removeRun(runsFolder, id)
      cache.delete(id)
    },
  }
}

function listSettled(
  runsFolder: string,
  cache: SummaryCache,
  live: LiveRuns,
  settle: (id: string) => Promise<RunView>,
): Promise<readonly RunSummary[]> {
  const known = (id: string): RunSummary | undefined => {
    const run = live.get(id)
    return run && summariseRun(run.view)
  }
  const settled = (summary: RunSummary): RunSummary | Promise<RunSummary> => {
    if (!isActive(summary.state) || live.get(summary.id)) return summary
    // One that cannot be put right is listed all the same, and says why.
    const broken = (error: unknown): RunSummary => ({ ...summary, broken: toFailure(error, `run "${summary.id}"`) })
    return settle(summary.id).then(summariseRun, broken)
  }
  return listRuns(runsFolder, { cache, known }).then((summaries) => Promise.all(summaries.map(settled)))
}

function nothingToControl(id: string, action: JobControl, state: JobState): HostError {
  return new HostError(
    'control-refused',
    `run "${id}": expected one at work for "${action}", got one that is ${state}; resume it or start another`,
    { id, action, state },
  )
}

function cannotResume(id: string, state: JobState): HostError {
  return new HostError(
    'resume-impossible',
    `run "${id}": expected one that stopped before its end, got one that is ${state}; start a new run from its settings`,
    { id, state },
  )
}
