import { implement } from '@orpc/server'
import { contract } from '../../preload/contract'
import { readEvidence, type Advisor } from '../advisor'
import { listDatasets, mapDataset, removeDataset, sampleDatasets } from '../datasets'
import type { JobQueue, TrainJobs } from '../jobs'
import { inspectModel, listMethods, locateFile, parameterSchema } from '../models'
import {
  importedDataset,
  importSample,
  readColumn,
  readPreview,
  readProblems,
  startImport,
  type ImportRequest,
} from './datasets-api'
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
    /** Where a dropped model file is looked for. */
    readonly modelFolders: readonly string[]
  }
  readonly jobs: JobQueue
  readonly runs: TrainJobs
  readonly advisor: Advisor
}

const api = implement(contract).use(async ({ next }) => {
  try {
    return await next()
  } catch (error) {
    throw toApiError(error)
  }
})

/** What a request says of how a file is to be read. */
function readingOf({ sheet, encoding }: ImportRequest): ImportRequest {
  return { ...(sheet !== undefined && { sheet }), ...(encoding !== undefined && { encoding }) }
}

function datasetsRouter({ paths, jobs }: ServiceParts) {
  const { datasets } = api
  return {
    list: datasets.list.handler(async () => (await listDatasets(paths.datasets)).datasets),
    samples: datasets.samples.handler(async () =>
      (await sampleDatasets(paths.resources)).map(({ file: _file, ...sample }) => sample),
    ),
    importSample: datasets.importSample.handler(({ input }) => importSample(paths, jobs, input.id)),
    importFile: datasets.importFile.handler(({ input }) =>
      withReceivedFile(input.file, paths.tmp, (path) => importedDataset(startImport(jobs, path, readingOf(input)))),
    ),
    map: datasets.map.handler(({ input }) => mapDataset(paths.datasets, input.id, input.mapping)),
    preview: datasets.preview.handler(({ input }) => readPreview(paths, input)),
    problems: datasets.problems.handler(({ input }) => readProblems(paths, input)),
    columnValues: datasets.columnValues.handler(({ input }) => readColumn(paths, input.id, input.column)),
    remove: datasets.remove.handler(({ input }) => removeDataset(paths.datasets, input.id)),
  }
}

function runsRouter({ paths, runs, advisor }: ServiceParts) {
  return {
    list: api.runs.list.handler(async () => [...(await runs.list())]),
    forecast: api.runs.forecast.handler(({ input }) => advisor.forecast(input)),
    create: api.runs.create.handler(async ({ input }) => ({ id: await runs.createAndStart(input) })),
    get: api.runs.get.handler(({ input }) => runs.view(input.id)),
    events: api.runs.events.handler(({ input }) => translateErrors(runs.events(input.id, input.after))),
    control: api.runs.control.handler(({ input }) => runs.control(input.id, input.action)),
    resume: api.runs.resume.handler(({ input }) => runs.resume(input.id)),
    remove: api.runs.remove.handler(({ input }) => runs.remove(input.id)),
    export: api.runs.export.handler(({ input: { id, format, type } }) => runs.export(id, format, type)),
    reveal: api.runs.reveal.handler(async ({ input }) => ({ shown: await revealPath(input.path, paths.root) })),
  }
}

/** The contract's implementation: each procedure's input is validated, one function is called, its value returned. */
export function createService(parts: ServiceParts) {
  const places = { starterDir: parts.paths.starter }
  return api.router({
    system: { info: api.system.info.handler(() => systemInfo(parts.paths.root, parts.version)) },
    methods: {
      list: api.methods.list.handler(listMethods),
      evidence: api.methods.evidence.handler(() => readEvidence(parts.paths.resources)),
      schema: api.methods.schema.handler(({ input }) => parameterSchema(input.id, input.locale)),
    },
    models: {
      inspect: api.models.inspect.handler(({ input }) => inspectModel(input, places)),
      locate: api.models.locate.handler(async ({ input }) => {
        const path = await locateFile(input, parts.paths.modelFolders)
        return path === undefined ? {} : { path }
      }),
    },
    datasets: datasetsRouter(parts),
    runs: runsRouter(parts),
  })
}

export type Service = ReturnType<typeof createService>
