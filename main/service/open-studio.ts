import { randomBytes } from 'node:crypto'
import { freemem, homedir } from 'node:os'
import { join } from 'node:path'
import { createAdvisor } from '../advisor'
import { createJobQueue, createTrainJobs, type JobQueue, type TrainJobs } from '../jobs'
import { usualFolders } from '../models'
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
  /** Where a dropped model file is looked for. */
  readonly modelFolders: readonly string[]
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
  const modelFolders = [workspace.models, ...usualFolders(homedir())]
  return {
    ...workspace,
    resources,
    starter: join(resources, 'starter'),
    samples: join(resources, 'datasets'),
    modelFolders,
  }
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
  const advisor = createAdvisor({ starterDir: paths.starter, datasetsDir: paths.datasets, freeBytes: freemem })
  const { fill, check } = advisor
  const runs = createTrainJobs({
    queue: jobs,
    runsFolder: paths.runs,
    starterDir: paths.starter,
    fill,
    check,
    now,
    newSuffix,
  })
  const version = await readVersion(options.bundle)
  const service = createService({ version, paths, jobs, runs, advisor })
  return { version, paths, jobs, runs, service, close: () => jobs.shutdown(closeGraceMs) }
}
