import type { ClassCount, RunSpec } from '../../../preload/contract'
import { datasetClasses, openDataset, readingFor } from '../../datasets'
import { rememberLast } from './remember-last'

/**
 * The classes of a run's dataset with the number of their rows, undefined where it is no classification. Those that were
 * counted are remembered: every row is looked at for them.
 */
export function knownClasses(datasetsDir: string): (spec: RunSpec) => Promise<readonly ClassCount[] | undefined> {
  const remember = rememberLast<readonly ClassCount[]>(4)
  return async ({ dataset: { id }, task }) => {
    if (task.kind === 'causal-lm') return undefined
    const opened = await openDataset(datasetsDir, id, readingFor(task))
    try {
      const { fingerprint, form, mapping, rows } = opened.dataset
      const key = JSON.stringify([id, fingerprint, form, mapping, rows, task.labels])
      return await remember(key, () => datasetClasses(opened, task.labels))
    } finally {
      await opened.close()
    }
  }
}
