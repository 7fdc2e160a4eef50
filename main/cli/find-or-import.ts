import { stat } from 'node:fs/promises'
import { resolve } from 'node:path'
import { datasetSchema, type ColumnMapping, type Dataset, type RunSettings } from '../../preload/contract'
import { listDatasets, mapDataset, removeDataset, sampleDatasets } from '../datasets'
import { importSample, startImport } from '../service'
import { CliError } from './exit'
import { finishJob, type Session } from './session'

/**
 * Imports a file and, where a mapping is given, maps its columns.
 * @throws CliError `dataset-unmapped` for an unknown form without a mapping; nothing is kept then
 */
export async function importPath(session: Session, file: string, mapping?: ColumnMapping): Promise<Dataset> {
  const { jobs, paths } = session.studio
  const result = await finishJob(session, startImport(jobs, resolve(file)))
  const dataset = datasetSchema.parse(result['dataset'])
  try {
    if (mapping) return await mapDataset(paths.datasets, dataset.id, mapping)
    if (dataset.form !== 'unknown') return dataset
  } catch (error) {
    await removeDataset(paths.datasets, dataset.id)
    throw error
  }
  await removeDataset(paths.datasets, dataset.id)
  const columns = dataset.columns.join(', ')
  const message = `${file}: expected a known form, got the columns ${columns}; name them with --input and --answer`
  throw new CliError({ code: 'dataset-unmapped', message })
}

/** What `--data` names: a dataset of the workspace, an embedded sample, or a file, which is imported. */
export async function findOrImport(session: Session, data: string, mapping?: ColumnMapping): Promise<Dataset> {
  const { paths, jobs } = session.studio
  const known = (await listDatasets(paths.datasets)).datasets.find(({ id }) => id === data)
  if (known) return known
  if ((await sampleDatasets(paths.resources)).some(({ id }) => id === data)) return importSample(paths, jobs, data)
  if (await stat(data).catch(() => undefined)) {
    const dataset = await importPath(session, data, mapping)
    session.terminal.err(`dataset ${dataset.id}: ${dataset.rows} rows, ${dataset.problems} that cannot be used`)
    return dataset
  }
  const message = `--data: expected a file, a dataset or a sample, got "${data}"; check the path or run: graft import`
  throw new CliError({ code: 'not-found', message })
}

/** The embedded sample that comes first, as a dataset, and the settings that it recommends. */
export async function importFirstSample({ studio }: Session): Promise<{ dataset: Dataset; settings: RunSettings }> {
  const [first] = await sampleDatasets(studio.paths.resources)
  if (first) return { dataset: await importSample(studio.paths, studio.jobs, first.id), settings: first.settings }
  throw new CliError({ code: 'resources-missing', message: 'samples: expected at least one, got none; install again' })
}
