import { mkdtemp } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createJobQueue, createTrainJobs, type JobQueue, type TrainJobs } from '../../../main/jobs'
import { openWorkspace, type WorkspacePaths } from '../../../main/settings'
import { runSpecSchema, type JobEvent, type RunSpec } from '../../../preload/contract'

export interface Studio {
  /** The bundled worker. */
  readonly entry: string
  readonly paths: WorkspacePaths
  readonly queue: JobQueue
  readonly jobs: TrainJobs
}

export const now = (): string => new Date().toISOString()

/** The job side of the app, over a fresh workspace or the one given. */
export async function openStudio(entry: string, root?: string, execPath?: string): Promise<Studio> {
  const paths = await openWorkspace(root ?? (await mkdtemp(join(tmpdir(), 'graft-studio-'))))
  const queue = createJobQueue({ worker: { entry, execPath }, paths: { ...paths, resources: paths.root }, now })
  let count = 0
  const newSuffix = (): string => `t${String(count++).padStart(3, '0')}`
  return {
    entry,
    paths,
    queue,
    jobs: createTrainJobs({
      queue,
      runsFolder: paths.runs,
      starterDir: paths.root,
      fill: async (spec) => spec,
      check: async () => undefined,
      now,
      newSuffix,
    }),
  }
}

export function countingSpec(name: string, steps: number, checkpointEvery = 0): RunSpec {
  return runSpecSchema.parse({
    name,
    model: { kind: 'starter' },
    dataset: { id: 'none' },
    method: { id: 'lora' },
    training: { steps, checkpointEvery },
  })
}

export async function collect(events: AsyncIterable<JobEvent>): Promise<JobEvent[]> {
  const all: JobEvent[] = []
  for await (const event of events) all.push(event)
  return all
}

/** The states that were told, in order. */
export const statesOf = (events: readonly JobEvent[]): string[] =>
  events.flatMap((event) => (event.type === 'state' ? [event.state] : []))

/** Reads until an event fits. */
export async function waitFor(
  events: AsyncIterable<JobEvent>,
  fits: (event: JobEvent) => boolean,
): Promise<JobEvent | undefined> {
  for await (const event of events) if (fits(event)) return event
  return undefined
}
