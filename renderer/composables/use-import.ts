import { useRoute, useRouter } from 'vue-router'
import type { Dataset } from '../../preload/contract'
import { isModelFile } from '../lib/accepted-files'
import { useDatasets } from '../stores/datasets'
import { useModel } from '../stores/model'

/** Brings a file: a dataset is imported and a run set up on it, a model is chosen. Where it fails, home shows why. */
export function useImport() {
  const datasets = useDatasets()
  const model = useModel()
  const router = useRouter()
  const route = useRoute()
  async function proceed(imported: Promise<Dataset | undefined>): Promise<void> {
    const dataset = await imported
    await router.push(dataset ? { name: 'setup', params: { dataset: dataset.id } } : { name: 'home' })
  }
  /** A model has its place on the set-up page; elsewhere home shows that it was chosen. */
  async function chooseModel(file: File): Promise<void> {
    if (route.name !== 'setup') await router.push({ name: 'home' })
    await model.chooseFile(file)
  }
  return {
    bringFile: (file: File) => (isModelFile(file) ? chooseModel(file) : proceed(datasets.importFile(file))),
    bringSample: (id: string) => proceed(datasets.importSample(id)),
  }
}
