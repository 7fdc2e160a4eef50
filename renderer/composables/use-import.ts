import { useRouter } from 'vue-router'
import type { Dataset } from '../../preload/contract'
import { useDatasets } from '../stores/datasets'

/** Imports a dataset and goes on to setting up a run on it; where it fails, home shows why. */
export function useImport() {
  const datasets = useDatasets()
  const router = useRouter()
  async function proceed(imported: Promise<Dataset | undefined>): Promise<void> {
    const dataset = await imported
    await router.push(dataset ? { name: 'setup', params: { dataset: dataset.id } } : { name: 'home' })
  }
  return {
    bringFile: (file: File) => proceed(datasets.importFile(file)),
    bringSample: (id: string) => proceed(datasets.importSample(id)),
  }
}
