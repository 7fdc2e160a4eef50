import { implement } from '@orpc/server'
import { contract } from '../../preload/contract'
import { listDatasets, mapDataset, removeDataset, sampleDatasets } from '../datasets'
import type { JobQueue, TrainJobs } from '../jobs'
import { inspectModel, listMethods } from '../models'
import { importedDataset, importSample, readPreview, readProblems, startImport } from './datasets-api'
import { toApiError, translateErrors } from './failures'
import { withReceivedFile } from './receive-file'
import { revealPath } from './reveal-path'
import { systemInfo } from './system-info'

export interface ServiceParts {
  readonly version: string
  readonly paths: {
    readonly root: string
    readonly datasets: string
    readonly tmp: string
    readonly resources: string
    readonly starter: string
  }
  readonly jobs: JobQueue
  readonly runs: TrainJobs
}

const api = implement(contract).use(async ({ next }) => {
  try {
    return await next()
  } catch (error) {
    throw toApiError(error)
  }
})

function datasetsRouter({ paths, jobs }: ServiceParts) {
  const { datasets } = api
  return {
    list: datasets.list.handler(async () => (await listDatasets(paths.datasets)).datasets),
    samples: datasets.samples.handler(async () =>
      (await sampleDatasets(paths.resources)).map(({ file: _file, ...sample }) => sample),
    ),
    importSample: datasets.importSample.handler(({ input }) => importSample(paths, jobs, input.id)),
    importFile: datasets.importFile.handler(({ input }) =>
      withReceivedFile(input.file, paths.tmp, (path) => importedDataset(startImport(jobs, path))),
    ),
    map: datasets.map.handler(({ input }) => mapDataset(paths.datasets, input.id, input.mapping)),
    preview: datasets.preview.handler(({ input }) => readPreview(paths, input)),
    problems: datasets.problems.handler(({ input }) => readProblems(paths, input)),
    remove: datasets.remove.handler(({ input }) => removeDataset(paths.datasets, input.id)),
  }
}

function runsRouter({ paths, runs }: ServiceParts) {
  return {
    list: api.runs.list.handler(async () => [...(await runs.list())]),
    create: api.runs.create.handler(async ({ input }) => ({ id: await runs.createAndStart(input) })),
    get: api.runs.get.handler(({ input }) => runs.view(input.id)),
    events: api.runs.events.handler(({ input }) => translateErrors(runs.events(input.id, input.after))),
    control: api.runs.control.handler(({ input }) => runs.control(input.id, input.action)),
    resume: api.runs.resume.handler(({ input }) => runs.resume(input.id)),
    remove: api.runs.remove.handler(({ input }) => runs.remove(input.id)),
    export: api.runs.export.handler(({ input }) => runs.export(input.id, input.format)),
    reveal: api.runs.reveal.handler(async ({ input }) => ({ shown: await revealPath(input.path, paths.root) })),
  }
}

/** The contract's implementation: each procedure's input is validated, one function is called, its value returned. */
export function createService(parts: ServiceParts) {
  const places = { starterDir: parts.paths.starter }
  return api.router({
    system: { info: api.system.info.handler(() => systemInfo(parts.paths.root, parts.version)) },
    methods: { list: api.methods.list.handler(listMethods) },
    models: { inspect: api.models.inspect.handler(({ input }) => inspectModel(input, places)) },
    datasets: datasetsRouter(parts),
    runs: runsRouter(parts),
  })
}

export type Service = ReturnType<typeof createService>
