import { importDataset, type ImportProgress } from '../../../datasets'
import { importPayloadSchema } from '../../protocol'
import type { JobContext, JobHandler } from '../job-context'

const PROGRESS_EVERY_MS = 100

/** Imports a file or a folder as a dataset; the result is `{ dataset }`. */
export const importFile: JobHandler = async (payload, context) => {
  const { path, ...said } = importPayloadSchema.parse(payload)
  const dataset = await importDataset({
    file: path,
    ...said,
    datasetsDir: context.paths.datasets,
    onProgress: progressTeller(context),
    signal: context.controls.signal,
  })
  return { state: 'done', result: { dataset } }
}

/** A large file is read in thousands of pieces; a person sees ten a second. */
function progressTeller({ emit, clock }: JobContext): (progress: ImportProgress) => void {
  let last = -PROGRESS_EVERY_MS
  return ({ bytes, totalBytes }) => {
    if (clock() - last < PROGRESS_EVERY_MS && bytes < totalBytes) return
    last = clock()
    emit({ type: 'stage', stage: 'import', done: bytes, total: totalBytes })
  }
}
