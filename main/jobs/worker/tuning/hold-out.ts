import type { RunSpec } from '../../../../preload/contract'
import { GraftError } from '../../../engine/errors'
import { createRng, deriveSeed } from '../../../engine/rng'
import { findLeaks, shuffledIndices, splitGroups, splitRows } from '../../../engine/text'

/** Rows by their places in the dataset, ascending; those held out perhaps in another dataset. */
export interface Division {
  readonly train: readonly number[]
  readonly validation: readonly number[]
}

/** What is known of rows before they are looked at. */
export interface DividedRows {
  readonly rows: number
  /** Rows with one number are one task. */
  readonly identity: ArrayLike<number>
  /** The text of each row in the column that divides, where one does. */
  readonly values?: readonly string[] | undefined
}

type Training = RunSpec['training']

/**
 * Divides a dataset's rows into those that are trained on and those that are held out: by the value of a column, or by
 * share.
 * @throws GraftError `invalid-argument` where no row has the value
 */
export function divideRows({ rows, identity, values = [] }: DividedRows, training: Training): Division {
  const { validation, validationShare, seed, keepTogether } = training
  if (validation?.kind === 'column') return divideByColumn(values, validation)
  return keepTogether ? splitGroups(identity, validationShare, seed) : splitRows(rows, validationShare, seed)
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

/** Rows in an order that depends on the seed alone: the first few of a sorted file would all be of one kind. */
export function fairOrder<Row>(rows: readonly Row[], seed: number, purpose = 'validation order'): Row[] {
  const order = shuffledIndices(rows.length, createRng(deriveSeed(seed, purpose)))
  return order.flatMap((index) => rows[index] ?? [])
}

/**
 * What a person should know of validation rows that training sees too.
 * @param heldIdentity that of the dataset that the validation rows are of
 */
export function leakNotes(
  { train, validation }: Division,
  identity: ArrayLike<number>,
  heldIdentity: ArrayLike<number> = identity,
): string[] {
  const keysOf = (rows: readonly number[], of: ArrayLike<number>): number[] => rows.map((row) => of[row] ?? NaN)
  const leaks = findLeaks(keysOf(train, identity), keysOf(validation, heldIdentity)).length
  if (leaks === 0) return []
  const some = `${leaks} of ${validation.length} validation rows`
  return [`${some} ask what a training row asks too: what is measured on them is partly memory`]
}
