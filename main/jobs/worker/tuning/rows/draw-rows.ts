import type { RunSpec } from '../../../../../preload/contract'
import { fairOrder } from '../hold-out'

/** So few rows are prepared in seconds, and then what is told of a run's rows is true of the whole dataset. */
const FEW_ROWS = 4096

export interface DrawnRows {
  /** Places in the dataset, ascending. */
  readonly rows: readonly number[]
  /** Passes over these rows, where no number of steps decides. */
  readonly epochs: number
  readonly notes: readonly string[]
}

/**
 * The training rows that a run prepares: all of them or, where it is over before it has seen as many, those that it
 * sees, drawn with its seed. So a short run on a million rows need not wait until a million rows are tokenised.
 */
export function drawRows(train: readonly number[], training: RunSpec['training']): DrawnRows {
  const { steps, epochs, batchSize, accumulation, seed } = training
  const seen = steps === undefined ? Math.ceil(epochs * train.length) : steps * batchSize * accumulation
  const wanted = Math.max(FEW_ROWS, seen)
  if (wanted >= train.length) return { rows: train, epochs, notes: [] }
  const rows = fairOrder(train, seed, 'drawn rows').slice(0, wanted)
  const why = steps === undefined ? `${epochs} epochs` : `${steps} ${steps === 1 ? 'step' : 'steps'}`
  return {
    rows: rows.sort((a, b) => a - b),
    epochs: (epochs * train.length) / wanted,
    notes: [`of ${train.length} training rows ${wanted} were drawn and prepared: ${why} see no more`],
  }
}
