import { randomBytes } from 'node:crypto'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { createJobQueue, createTrainJobs, type JobQueue, type TrainJobs } from '../jobs'
import { openWorkspace, resourcesFolder, workspaceLocation, type WorkspacePaths } from '../settings'
import { createService, type Service } from './create-service'
import { readVersion } from './read-version'

export interface StudioOptions {
  /** The folder of the running bundle; the worker and, in a checkout, the resources are found from it. */
  readonly bundle: string
  /** From `--workspace`. */
  readonly workspace?: string | undefined
  readonly packagedResources?: string | undefined
  /** Absent: `worker.js` of the bundle. */
  readonly workerEntry?: string | undefined
  /** The plain Node.js that runs the worker. Absent: the one that runs this process. */
  readonly nodePath?: string | undefined
}

/** Folders of the installation and of the workspace. */
export interface StudioPaths extends WorkspacePaths {
  readonly resources: string
  readonly starter: string
  readonly samples: string
}

/** Everything behind the three entries: window, browser, command line. */
export interface Studio {
  readonly version: string
  readonly paths: StudioPaths
  readonly jobs: JobQueue
  readonly runs: TrainJobs
  readonly service: Service
  /** Has running jobs save what they have, and ends their workers. */
  close(): Promise<void>
}

/** How long a worker may take to reach the end of a step and write its checkpoint. */
const closeGraceMs = 30_000

async function findPaths(options: StudioOptions): Promise<StudioPaths> {
  const environment = process.env['GRAFT_WORKSPACE']
  const location = workspaceLocation({ flag: options.workspace, environment, home: homedir() })
  const resources = await resourcesFolder({ packaged: options.packagedResources, bundle: options.bundle })
  const workspace = await openWorkspace(location)
  return { ...workspace, resources, starter: join(resources, 'starter'), samples: join(resources, 'datasets') }
}

const now = (): string => new Date().toISOString()

/**
 * Opens the workspace and what works in it.
 * @throws HostError `workspace-unwritable`, `resources-missing`
 */
export async function openStudio(options: StudioOptions): Promise<Studio> {
  const paths = await findPaths(options)
  const entry = options.workerEntry ?? join(options.bundle, 'worker.js')
  const jobs = createJobQueue({ worker: { entry, execPath: options.nodePath }, paths, now })
  const newSuffix = (): string => randomBytes(2).toString('hex')
  const runs = createTrainJobs({ queue: jobs, runsFolder: paths.runs, starterDir: paths.starter, now, newSuffix })
  const version = await readVersion(options.bundle)
  const service = createService({ version, paths, jobs, runs })
  return { version, paths, jobs, runs, service, close: () => jobs.shutdown(closeGraceMs) }
}
