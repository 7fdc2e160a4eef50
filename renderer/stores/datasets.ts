import { defineStore } from 'pinia'
import { ref, shallowRef } from 'vue'
import type { ColumnMapping, ColumnValues, Dataset, Failure, PreviewRow, RowProblem } from '../../preload/contract'
import { api } from '../lib/client'
import { toFailure } from '../lib/failure'

/** How a file is to be read, where a person says so. */
export interface ReadingOptions {
  readonly sheet?: string
  readonly encoding?: string
}

/** Imported datasets and the import that is under way. */
export const useDatasets = defineStore('datasets', () => {
  const list = shallowRef<readonly Dataset[]>([])
  /** The name of the file being imported. */
  const importing = ref<string>()
  const failure = ref<Failure>()

  const keep = (dataset: Dataset): Dataset => {
    list.value = [dataset, ...list.value.filter(({ id }) => id !== dataset.id)]
    return dataset
  }
  async function refresh(): Promise<void> {
    try {
      list.value = await (await api()).datasets.list()
    } catch (error) {
      failure.value = toFailure(error)
    }
  }
  async function bring(name: string, call: () => Promise<Dataset>): Promise<Dataset | undefined> {
    importing.value = name
    failure.value = undefined
    try {
      return keep(await call())
    } catch (error) {
      failure.value = toFailure(error)
      return undefined
    } finally {
      importing.value = undefined
    }
  }
  /** Files of this visit, by the dataset that they became: to be read again in another way. */
  const files = new Map<string, File>()
  const receive = async (file: File, options: ReadingOptions): Promise<Dataset> => {
    const dataset = await (await api()).datasets.importFile({ file, ...options })
    files.set(dataset.id, file)
    return dataset
  }
  const importFile = (file: File, options: ReadingOptions = {}) => bring(file.name, () => receive(file, options))
  const fileOf = (id: string): File | undefined => files.get(id)
  /** Columns that bear the same names mean the same. */
  const mappedLike = async ({ mapping }: Dataset, dataset: Dataset): Promise<Dataset> => {
    const named = mapping && [
      ...mapping.input,
      mapping.answer,
      ...(mapping.system === undefined ? [] : [mapping.system]),
    ]
    const fits = named?.every((column) => dataset.columns.includes(column)) && dataset.form === 'unknown'
    return fits && mapping ? (await api()).datasets.map({ id: dataset.id, mapping }) : dataset
  }
  /** A file whose rows are like those of a dataset: to be held out from it. */
  const importLike = (model: Dataset, file: File) =>
    bring(file.name, async () => mappedLike(model, await receive(file, {})))
  /** A dataset's file, read in another way; the dataset that it was read into before is removed. */
  const readAgain = (old: Dataset, file: File, options: ReadingOptions) =>
    bring(file.name, async () => {
      const dataset = await mappedLike(old, await receive(file, options))
      await (await api()).datasets.remove({ id: old.id })
      files.delete(old.id)
      list.value = list.value.filter(({ id }) => id !== old.id)
      return dataset
    })
  const importSample = (id: string) => bring('', async () => (await api()).datasets.importSample({ id }))

  /** These throw; the page that asks shows why in place. */
  async function find(id: string): Promise<Dataset | undefined> {
    const known = list.value.find((dataset) => dataset.id === id)
    if (known) return known
    list.value = await (await api()).datasets.list()
    return list.value.find((dataset) => dataset.id === id)
  }
  async function map(id: string, mapping: ColumnMapping): Promise<Dataset> {
    return keep(await (await api()).datasets.map({ id, mapping }))
  }
  async function preview(id: string, limit: number): Promise<PreviewRow[]> {
    return (await api()).datasets.preview({ id, offset: 0, limit })
  }
  async function problems(id: string, limit: number): Promise<RowProblem[]> {
    return (await api()).datasets.problems({ id, offset: 0, limit })
  }
  async function columnValues(id: string, column: string): Promise<ColumnValues> {
    return (await api()).datasets.columnValues({ id, column })
  }
  const imports = { importFile, importSample, importLike, readAgain, fileOf }
  return { list, importing, failure, refresh, ...imports, find, map, preview, problems, columnValues }
})
