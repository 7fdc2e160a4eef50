import { defineStore } from 'pinia'
import { ref, shallowRef } from 'vue'
import type { ColumnMapping, Dataset, Failure, PreviewRow, RowProblem } from '../../preload/contract'
import { api } from '../lib/client'
import { toFailure } from '../lib/failure'

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
  const importFile = (file: File) => bring(file.name, async () => (await api()).datasets.importFile({ file }))
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
  return { list, importing, failure, refresh, importFile, importSample, find, map, preview, problems }
})
