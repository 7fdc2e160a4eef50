import { rm } from 'node:fs/promises'
import type { RunView } from '../../preload/contract'
import { isActive, latestCheckpoint, reduceRun, type OpenRun } from '../runs'
import type { Job } from './job'
import type { JobQueue } from './job-queue'
import type { TrainPayload } from './protocol'

/** A run at which this process is at work. */
export interface LiveRun {
  /** The newest view; it owns its lists, so take a snapshot to hand it out. */
  view: RunView
  readonly job: Job
  /** Resolves when the log is closed and the lock given back. */
  readonly released: Promise<void>
}

export interface LiveRuns {
  get(id: string): LiveRun | undefined
  /** The run, if its job goes on; one that has just ended is waited for, so that its files are free. */
  atWork(id: string): Promise<LiveRun | undefined>
  /** Queues a training job for the run, and closes the run when that has ended. */
  start(run: OpenRun, resume: boolean): void
}

export function createLiveRuns(queue: JobQueue): LiveRuns {
  const live = new Map<string, LiveRun>()
  return {
    get: (id) => live.get(id),
    async atWork(id) {
      const run = live.get(id)
      if (!run || isActive(run.job.state)) return run
      await run.released
      return undefined
    },
    start(run, resume) {
      const { id } = run.view
      const payload: TrainPayload = { runId: id, resume }
      const job = queue.startJob({
        kind: 'train',
        payload,
        log: run.log,
        resumeStep: async () => (await latestCheckpoint(run.paths.checkpoints))?.step ?? 0,
        onWorker: (pid) => run.lock.noteWorker(pid),
        onEvent: (event) => (entry.view = reduceRun(entry.view, event)),
      })
      const released = release(job, run).finally(() => live.delete(id))
      const entry: LiveRun = { view: run.view, job, released }
      live.set(id, entry)
    },
  }
}

/** When the job has ended: throws away what is to be thrown away, and lets others write the run. Never rejects. */
async function release(job: Job, run: OpenRun): Promise<void> {
  const { state } = await job.done
  // The person wants nothing of it. The curves stay, as a record of what was tried.
  // Both may fail on a broken disk; for the log, the job has reported that as its own failure.
  if (state === 'discarded') await rm(run.paths.checkpoints, { recursive: true, force: true }).catch(() => undefined)
  await run.close().catch(() => undefined)
}
