import { defineStore } from 'pinia'
import { ref, shallowRef } from 'vue'
import type { ColumnMapping, Dataset, Failure, PreviewRow, RowProblem } from '../../preload/contract'
import { toFailure } from '../lib/failure'
import { useDatasets } from './datasets'

const previewRows = 12
const shownProblems = 200

/** The one dataset that is being looked at: its summary, first rows and problems, and its column mapping. */
export const useDatasetPage = defineStore('dataset-page', () => {
  const datasets = useDatasets()
  const dataset = shallowRef<Dataset>()
  const rows = shallowRef<readonly PreviewRow[]>([])
  const problems = shallowRef<readonly RowProblem[]>([])
  const failure = ref<Failure>()
  const mappingFailure = ref<Failure>()

  async function show(found: Dataset): Promise<void> {
    const [preview, listed] = await Promise.all([
      datasets.preview(found.id, previewRows),
      found.problems > 0 ? datasets.problems(found.id, shownProblems) : [],
    ])
    rows.value = preview
    problems.value = listed
    dataset.value = found
  }
  async function open(id: string): Promise<void> {
    if (dataset.value?.id !== id) dataset.value = undefined
    failure.value = undefined
    mappingFailure.value = undefined
    try {
      const found = await datasets.find(id)
      if (found) await show(found)
      else failure.value = { code: 'dataset-missing', message: id }
    } catch (error) {
      failure.value = toFailure(error)
    }
  }
  async function map(mapping: ColumnMapping): Promise<void> {
    if (!dataset.value) return
    mappingFailure.value = undefined
    try {
      await show(await datasets.map(dataset.value.id, mapping))
    } catch (error) {
      mappingFailure.value = toFailure(error)
    }
  }
  return { dataset, rows, problems, failure, mappingFailure, open, map }
})
