import { basename } from 'node:path'
import {
  datasetSchema,
  type ColumnValues,
  type Dataset,
  type PreviewRow,
  type RowProblem,
} from '../../preload/contract'
import { columnValues, listDatasets, openDataset, previewRows, sampleDatasets, type OpenDataset } from '../datasets'
import { HostError } from '../files'
import { resultOf, type ImportPayload, type Job, type JobQueue } from '../jobs'

/** Where datasets are, where the embedded samples are, and who imports. */
export interface DatasetPlaces {
  readonly datasets: string
  readonly resources: string
}

/** What may be said about an import; what is not said is found out. */
export type ImportRequest = Partial<Omit<ImportPayload, 'path'>>

/** Starts the import of a file or folder of this machine. */
export function startImport(jobs: JobQueue, path: string, request: ImportRequest = {}): Job {
  return jobs.startJob({ kind: 'import', payload: { path, ...request } })
}

/** The dataset that an import made. @throws HostError with the import's failure */
export async function importedDataset(job: Job): Promise<Dataset> {
  return datasetSchema.parse((await resultOf(job))['dataset'])
}

/** An embedded sample as a dataset: the one that is there already, or a new import of it. */
export async function importSample(places: DatasetPlaces, jobs: JobQueue, id: string): Promise<Dataset> {
  const samples = await sampleDatasets(places.resources)
  const sample = samples.find((each) => each.id === id)
  if (!sample) {
    const known = samples.map((each) => each.id).join(', ')
    throw new HostError('not-found', `sample: expected one of ${known}, got "${id}"; choose one of these`, { id })
  }
  const { datasets } = await listDatasets(places.datasets)
  const isImport = ({ name, sourceFile }: Dataset): boolean =>
    name === sample.title.en && sourceFile === basename(sample.file)
  return datasets.find(isImport) ?? importedDataset(startImport(jobs, sample.file, { name: sample.title.en }))
}

async function reading<T>(folder: string, id: string, read: (dataset: OpenDataset) => Promise<T>): Promise<T> {
  const dataset = await openDataset(folder, id)
  try {
    return await read(dataset)
  } finally {
    await dataset.close()
  }
}

/** A stretch of a dataset. */
export interface Window {
  readonly id: string
  readonly offset: number
  readonly limit: number
}

export function readPreview({ datasets }: DatasetPlaces, { id, offset, limit }: Window): Promise<PreviewRow[]> {
  return reading(datasets, id, (dataset) => previewRows(dataset, offset, limit))
}

export function readProblems({ datasets }: DatasetPlaces, { id, offset, limit }: Window): Promise<RowProblem[]> {
  return reading(datasets, id, (dataset) => dataset.problems(offset, limit))
}

export function readColumn({ datasets }: DatasetPlaces, id: string, column: string): Promise<ColumnValues> {
  return reading(datasets, id, (dataset) => columnValues(dataset, column))
}
