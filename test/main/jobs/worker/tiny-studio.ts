import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { createJobQueue, createTrainJobs, resultOf, type JobQueue, type TrainJobs } from '../../../../main/jobs'
import { openWorkspace, type WorkspacePaths } from '../../../../main/settings'
import {
  datasetSchema,
  runSpecSchema,
  type ExportFormat,
  type RunSpec,
  type RunSpecInput,
} from '../../../../preload/contract'
import { realInstall, type RealInstall } from '../../../helpers/real-install'
import { tinyRows, writeTinyModel } from '../../../helpers/tiny-model'
import { now } from '../studio'

/** The real worker and command line over a workspace with a tiny model and a small dataset. */
export interface TinyStudio {
  readonly install: RealInstall
  readonly paths: WorkspacePaths
  readonly queue: JobQueue
  readonly jobs: TrainJobs
  spec(training: RunSpecInput['training'], method?: RunSpecInput['method']): RunSpec
  /** The bytes of one exported file. */
  exported(id: string, format: ExportFormat, file: string): Promise<Buffer>
  close(): Promise<void>
}

async function importRows(queue: JobQueue, root: string): Promise<string> {
  const path = join(root, 'tiny.jsonl')
  await writeFile(path, tinyRows(60))
  const { dataset } = await resultOf(queue.startJob({ kind: 'import', payload: { path } }))
  return datasetSchema.parse(dataset).id
}

export async function tinyStudio(): Promise<TinyStudio> {
  const install = await realInstall()
  const paths = await openWorkspace(join(install.root, 'workspace'))
  const { worker: entry, resources } = install
  const queue = createJobQueue({ worker: { entry }, paths: { ...paths, resources }, now })
  let count = 0
  const newSuffix = (): string => String(count++).padStart(4, '0')
  const starterDir = join(resources, 'starter')
  const fill = async (spec: RunSpec): Promise<RunSpec> => spec
  const check = async (): Promise<void> => undefined
  const jobs = createTrainJobs({ queue, runsFolder: paths.runs, starterDir, fill, check, now, newSuffix })
  const model = { kind: 'folder', path: await writeTinyModel(join(install.root, 'tiny')) } as const
  const dataset = { id: await importRows(queue, install.root) }
  return {
    install,
    paths,
    queue,
    jobs,
    spec: (training, method = { id: 'lora', parameters: { r: 4, dropout: 0.1 } }) =>
      runSpecSchema.parse({
        model,
        dataset,
        method,
        training: { steps: 24, batchSize: 2, accumulation: 2, threads: 1, ...training },
        sampling: { prompts: 2, maxNewTokens: 8 },
        metric: { kind: 'exact-match', rows: 3 },
      }),
    async exported(id, format, file) {
      const { path } = await jobs.export(id, format)
      return readFile(join(path, file))
    },
    async close() {
      await queue.shutdown(0)
      await install.remove()
    },
  }
}
