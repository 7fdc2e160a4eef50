import { randomUUID } from 'node:crypto'
import { Job, type JobRequest, type JobSurroundings } from './job'
import { laneOf } from './protocol'

/** All jobs of this process. */
export interface JobQueue {
  /** Starts the job, or has it wait (`queued`) while another one of its lane uses the device. */
  startJob(request: JobRequest): Job
  /** A job that has not ended yet. */
  find(id: string): Job | undefined
  /** Those that have not ended, in the order in which they came. */
  active(): readonly Job[]
  /** Interrupts everything, so that it can be resumed; resolves when no worker is left. */
  shutdown(graceMs: number): Promise<void>
}

export function createJobQueue(surroundings: JobSurroundings): JobQueue {
  const jobs = new Map<string, Job>()
  /** Jobs of the device lane: the first one runs. A paused one keeps its place, because it keeps its memory. */
  const lane: Job[] = []

  const leave = (job: Job): void => {
    jobs.delete(job.id)
    const place = lane.indexOf(job)
    if (place < 0) return
    lane.splice(place, 1)
    if (place === 0) lane[0]?.start()
  }
  return {
    startJob(request) {
      const job = new Job(randomUUID(), request, surroundings)
      jobs.set(job.id, job)
      void job.done.then(() => leave(job))
      const isWaiting = laneOf[request.kind] === 'device' && lane.push(job) > 1
      if (!isWaiting) job.start()
      return job
    },
    find: (id) => jobs.get(id),
    active: () => [...jobs.values()],
    async shutdown(graceMs) {
      const all = [...jobs.values()]
      // The waiting ones first, so that the end of the first does not start the second.
      for (const job of all.reverse()) job.cancel('app-closed', graceMs)
      await Promise.all(all.map((job) => job.done))
    },
  }
}
