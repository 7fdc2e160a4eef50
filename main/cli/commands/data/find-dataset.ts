import type { Dataset } from '../../../../preload/contract'
import { listDatasets } from '../../../datasets'
import { CliError } from '../../exit'
import type { Session } from '../../session'

/** @throws CliError `dataset-missing` */
export async function findDataset({ studio }: Session, id: string): Promise<Dataset> {
  const { datasets, broken } = await listDatasets(studio.paths.datasets)
  const found = datasets.find((dataset) => dataset.id === id)
  if (found) return found
  const reason = broken.find((dataset) => dataset.id === id)?.message
  const message = `dataset "${id}": expected a dataset of this workspace, got none of this id; list them with: graft datasets`
  throw new CliError({ code: 'dataset-missing', message: reason ?? message })
}
