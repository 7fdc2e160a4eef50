import { stat } from 'node:fs/promises'
import { resolve } from 'node:path'
import {
  datasetSchema,
  type ColumnMapping,
  type Dataset,
  type RunSettings,
  type Validation,
} from '../../preload/contract'
import { listDatasets, mapDataset, removeDataset, sampleDatasets } from '../datasets'
import { importSample, startImport } from '../service'
import { describeMapping, type DataRequest, type ValidationRequest } from './spec/data-options'
import { CliError } from './exit'
import { finishJob, type Session } from './session'

/**
 * Imports a file and, where a mapping is asked for, maps its columns.
 * @throws CliError `dataset-unmapped` for an unknown form without a mapping; nothing is kept then
 */
export async function importPath(session: Session, file: string, request: DataRequest = {}): Promise<Dataset> {
  const { jobs, paths } = session.studio
  const { mapping: wanted, ...reading } = request
  const result = await finishJob(session, startImport(jobs, resolve(file), reading))
  const dataset = datasetSchema.parse(result['dataset'])
  try {
    const mapping = wanted === 'suggested' ? suggestionFor(dataset) : wanted
    if (mapping) return await mapDataset(paths.datasets, dataset.id, mapping)
    if (dataset.form === 'unknown') throw unmapped(file, dataset)
    return dataset
  } catch (error) {
    await removeDataset(paths.datasets, dataset.id)
    throw error
  }
}

/** A form that is known needs no suggestion. */
function suggestionFor({ form, suggestedMapping }: Dataset): ColumnMapping | undefined {
  return form === 'unknown' ? suggestedMapping : undefined
}

function unmapped(file: string, { columns, suggestedMapping }: Dataset): CliError {
  const suggested = suggestedMapping && `take ${describeMapping(suggestedMapping)} with --map suggested, or `
  const advice = `${suggested ?? ''}name them with --input and --answer`
  const message = `${file}: expected a known form, got the columns ${columns.join(', ')}; ${advice}`
  return new CliError({ code: 'dataset-unmapped', message })
}

/** What `--data` names: a dataset of the workspace, an embedded sample, or a file, which is imported. */
export async function findOrImport(
  session: Session,
  data: string,
  request: DataRequest = {},
  flag = '--data',
): Promise<Dataset> {
  const { paths, jobs } = session.studio
  const known = (await listDatasets(paths.datasets)).datasets.find(({ id }) => id === data)
  if (known) return known
  if ((await sampleDatasets(paths.resources)).some(({ id }) => id === data)) return importSample(paths, jobs, data)
  if (await stat(data).catch(() => undefined)) {
    const dataset = await importPath(session, data, request)
    session.terminal.err(`dataset ${dataset.id}: ${dataset.rows} rows, ${dataset.problems} that cannot be used`)
    return dataset
  }
  const message = `${flag}: expected a file, a dataset or a sample, got "${data}"; check the path or run: graft import`
  throw new CliError({ code: 'not-found', message })
}

/** The held-out rows that a command line asks for; a file of them is imported with the columns of the training data. */
export async function findValidation(
  session: Session,
  { data, column }: ValidationRequest,
  trained: Dataset,
  request: DataRequest,
): Promise<Validation | undefined> {
  if (data === undefined) return column
  const { id } = await findOrImport(session, data, { ...request, mapping: trained.mapping }, '--validation-data')
  return { kind: 'dataset', id }
}

/** The embedded sample that comes first, as a dataset, and the settings that it recommends. */
export async function importFirstSample({ studio }: Session): Promise<{ dataset: Dataset; settings: RunSettings }> {
  const [first] = await sampleDatasets(studio.paths.resources)
  if (first) return { dataset: await importSample(studio.paths, studio.jobs, first.id), settings: first.settings }
  throw new CliError({ code: 'resources-missing', message: 'samples: expected at least one, got none; install again' })
}
