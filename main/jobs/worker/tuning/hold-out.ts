import type { RunSpec } from '../../../../preload/contract'
import type { OpenDataset } from '../../../datasets'
import { GraftError } from '../../../engine/errors'
import { createRng, deriveSeed } from '../../../engine/rng'
import {
  findLeaks,
  identityKeys,
  shuffledIndices,
  splitGroups,
  splitRows,
  type IdentityColumns,
} from '../../../engine/text'

/** Rows by their places in the dataset, ascending; those held out perhaps in another dataset. */
export interface Division {
  readonly train: readonly number[]
  readonly validation: readonly number[]
}

/** What is known of rows before they are looked at. */
export interface DividedRows {
  readonly rows: number
  readonly keys: IdentityColumns
  /** The text of each row in the column that divides, where one does. */
  readonly values?: readonly string[] | undefined
}

type Training = RunSpec['training']

const everyRow = (rows: number): number[] => Array.from({ length: rows }, (_, row) => row)

/**
 * Divides a dataset's rows into those that are trained on and those that are held out: by the value of a column, or by
 * share. Where all validation rows come from a dataset of their own, every row is trained on.
 * @throws GraftError `invalid-argument` where no row has the value
 */
export function divideRows({ rows, keys, values = [] }: DividedRows, training: Training): Division {
  const { validation, validationShare, seed, keepTogether } = training
  if (validation?.kind === 'dataset') return { train: everyRow(rows), validation: [] }
  if (validation?.kind === 'column') return divideByColumn(values, validation)
  return keepTogether ? splitGroups(identityKeys(keys), validationShare, seed) : splitRows(rows, validationShare, seed)
}

function divideByColumn(
  values: readonly string[],
  { column, value }: { readonly column: string; readonly value: string },
): Division {
  const division: { train: number[]; validation: number[] } = { train: [], validation: [] }
  for (const [row, found] of values.entries()) division[found === value ? 'validation' : 'train'].push(row)
  if (division.validation.length > 0) return division
  const seen = [...new Set(values.map((found) => JSON.stringify(found.slice(0, 40))))].slice(0, 5).join(', ')
  const message = `validation: expected rows with "${value}" in the column "${column}", got none; choose among ${seen}`
  throw new GraftError('invalid-argument', message, { column, value })
}

/** What {@link divideRows} needs of a dataset. `onRow` is awaited with each row that must be read for it. */
export async function dividedRows(
  opened: OpenDataset,
  { validation }: Training,
  onRow: (row: { readonly index: number }) => Promise<void>,
): Promise<DividedRows> {
  const { rows } = opened.dataset
  const keys = await opened.keys(onRow)
  if (validation?.kind !== 'column') return { rows, keys }
  const values: string[] = []
  for await (const row of opened.contents(validation.column)) {
    values.push(row.value ?? '')
    await onRow(row)
  }
  return { rows, keys, values }
}

/** Rows in an order that depends on the seed alone: the first few of a sorted file would all be of one kind. */
export function fairOrder<Row>(rows: readonly Row[], seed: number, purpose = 'validation order'): Row[] {
  const order = shuffledIndices(rows.length, createRng(deriveSeed(seed, purpose)))
  return order.flatMap((index) => rows[index] ?? [])
}

/**
 * What a person should know of validation rows that training sees too.
 * @param held the keys of the dataset that the validation rows are of, where it is another
 */
export function leakNotes({ train, validation }: Division, keys: IdentityColumns, held?: IdentityColumns): string[] {
  const all = identityKeys(held ? join(keys, held) : keys)
  const first = held ? keys.whole.length : 0
  const keysAt = (rows: readonly number[], from: number): number[] => rows.map((row) => all[from + row] ?? NaN)
  const leaks = findLeaks(keysAt(train, 0), keysAt(validation, first)).length
  if (leaks === 0) return []
  const some = `${leaks} of ${validation.length} validation rows`
  return [`${some} ask what a training row asks too: what is measured on them is partly memory`]
}

function join(one: IdentityColumns, other: IdentityColumns): IdentityColumns {
  const both = (a: ArrayLike<number>, b: ArrayLike<number>): Float64Array => {
    const joined = new Float64Array(a.length + b.length)
    joined.set(a)
    joined.set(b, a.length)
    return joined
  }
  return { prompt: both(one.prompt, other.prompt), whole: both(one.whole, other.whole) }
}
