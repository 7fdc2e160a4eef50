import type { RunSpec } from '../../../../preload/contract'
import { GraftError } from '../../../engine/errors'
import { createRng, deriveSeed } from '../../../engine/rng'
import {
  contentKeys,
  findLeaks,
  identityKeys,
  shuffledIndices,
  splitGroups,
  splitRows,
  type RowContent,
} from '../../../engine/text'

/** A row as far as it matters for which side it goes to. */
export interface DividedRow {
  readonly content: RowContent
  /** Its text in the column that divides. */
  readonly value?: string | undefined
}

export interface Division<Row> {
  readonly train: readonly Row[]
  readonly validation: readonly Row[]
}

type Training = RunSpec['training']

/**
 * Divides a dataset's rows into those that are trained on and those that are held out: by the value of a column, or by
 * share. Where all validation rows come from a dataset of their own, every row is trained on.
 * @throws GraftError `invalid-argument` where no row has the value
 */
export function divideRows<Row extends DividedRow>(rows: readonly Row[], training: Training): Division<Row> {
  const { validation, validationShare, seed, keepTogether } = training
  if (validation?.kind === 'dataset') return { train: rows, validation: [] }
  if (validation?.kind === 'column') return divideByColumn(rows, validation)
  const keys = keepTogether ? identityKeys(rows.map(({ content }) => contentKeys(content))) : undefined
  const split = keys ? splitGroups(keys, validationShare, seed) : splitRows(rows.length, validationShare, seed)
  const pick = (indices: readonly number[]): Row[] => indices.flatMap((index) => rows[index] ?? [])
  return { train: pick(split.train), validation: pick(split.validation) }
}

function divideByColumn<Row extends DividedRow>(
  rows: readonly Row[],
  { column, value }: { readonly column: string; readonly value: string },
): Division<Row> {
  const isHeld = (row: Row): boolean => row.value === value
  const validation = rows.filter(isHeld)
  if (validation.length > 0) return { train: rows.filter((row) => !isHeld(row)), validation }
  const seen = [...new Set(rows.map((row) => JSON.stringify((row.value ?? '').slice(0, 40))))].slice(0, 5).join(', ')
  const message = `validation: expected rows with "${value}" in the column "${column}", got none; choose among ${seen}`
  throw new GraftError('invalid-argument', message, { column, value })
}

/** Rows in an order that depends on the seed alone: the first few of a sorted file would all be of one kind. */
export function fairOrder<Row>(rows: readonly Row[], seed: number): Row[] {
  const order = shuffledIndices(rows.length, createRng(deriveSeed(seed, 'validation order')))
  return order.flatMap((index) => rows[index] ?? [])
}

/** What a person should know of validation rows that training sees too. */
export function leakNotes({ train, validation }: Division<DividedRow>): string[] {
  const keys = identityKeys([...train, ...validation].map(({ content }) => contentKeys(content)))
  const leaks = findLeaks(keys.slice(0, train.length), keys.slice(train.length)).length
  if (leaks === 0) return []
  const some = `${leaks} of ${validation.length} validation rows`
  return [`${some} ask what a training row asks too: what is measured on them is partly memory`]
}
