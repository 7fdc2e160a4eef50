import type { RunSpec } from '../../../../../preload/contract'
import { openDataset, type OpenDataset } from '../../../../datasets'
import { identityKeys, type IdentityColumns } from '../../../../engine/text'
import type { JobContext } from '../../job-context'
import { divideRows, leakNotes, type Division } from '../hold-out'
import { rowProgress } from './row-progress'

/** The datasets of a run, open, and which of their rows are on which side. No row has been tokenised yet. */
export interface DividedData {
  readonly opened: OpenDataset
  /** Where the validation rows are. */
  readonly held: OpenDataset
  readonly division: Division
  /** What a person should know of validation rows, where these are the training rows. */
  leaks(train: readonly number[]): string[]
}

type OnRow = () => Promise<void>

/** The text of each row in a column. */
async function valuesOf(opened: OpenDataset, column: string, onRow: OnRow): Promise<string[]> {
  const values: string[] = []
  for await (const { value = '' } of opened.contents(column)) {
    values.push(value)
    await onRow()
  }
  return values
}

/** One dataset whose rows go to both sides. */
async function divideOne(opened: OpenDataset, training: RunSpec['training'], onRow: OnRow): Promise<DividedData> {
  const { validation } = training
  const identity = identityKeys(await opened.keys(onRow))
  const values = validation?.kind === 'column' ? await valuesOf(opened, validation.column, onRow) : undefined
  const division = divideRows({ rows: opened.dataset.rows, identity, values }, training)
  return { opened, held: opened, division, leaks: (train) => leakNotes({ ...division, train }, identity) }
}

/** One dataset to train on, another to measure on. */
async function divideTwo(opened: OpenDataset, held: OpenDataset, onRow: OnRow): Promise<DividedData> {
  const keys = await opened.keys(onRow)
  // Together, as what is a common prompt depends on how many rows there are.
  const all = identityKeys(joined(keys, await held.keys(onRow)))
  const [identity, heldIdentity] = [all.subarray(0, keys.whole.length), all.subarray(keys.whole.length)]
  const division = { train: everyRow(opened), validation: everyRow(held) }
  return { opened, held, division, leaks: (train) => leakNotes({ ...division, train }, identity, heldIdentity) }
}

const everyRow = ({ dataset }: OpenDataset): number[] => Array.from({ length: dataset.rows }, (_, row) => row)

function joined(one: IdentityColumns, other: IdentityColumns): IdentityColumns {
  const both = (a: ArrayLike<number>, b: ArrayLike<number>): Float64Array => {
    const list = new Float64Array(a.length + b.length)
    list.set(a)
    list.set(b, a.length)
    return list
  }
  return { prompt: both(one.prompt, other.prompt), whole: both(one.whole, other.whole) }
}

/**
 * Opens and divides what a run is trained and measured on, for the time of `use`.
 * @throws GraftError `invalid-argument` for a split that cannot be
 */
export async function withDividedData<T>(
  { dataset, training }: RunSpec,
  context: JobContext,
  use: (data: DividedData) => Promise<T>,
): Promise<T> {
  const { datasets } = context.paths
  const { validation } = training
  const opened = await openDataset(datasets, dataset.id)
  let held: OpenDataset | undefined
  try {
    const onRow = rowProgress(context, opened.dataset.rows)
    if (validation?.kind !== 'dataset') return await use(await divideOne(opened, training, onRow))
    held = await openDataset(datasets, validation.id)
    return await use(await divideTwo(opened, held, onRow))
  } finally {
    await opened.close()
    await held?.close()
  }
}
