import { join } from 'node:path'
import { rowProblemSchema, type Dataset, type RowProblem, type TaskChoice } from '../../preload/contract'
import { GraftError } from '../engine/errors'
import type { IdentityColumns } from '../engine/text'
import { fileByteSource, HostError, readJsonLines, type OpenFile } from '../files'
import { countKeys, storedKeys } from './dataset-keys'
import { datasetFiles, datasetFolder, readDataset } from './store/dataset-folder'
import { isRejected, plainReading, readContent, readingOf, type Reading, type RowContent } from './row-content'
import { openRowIndex, type RowIndex } from './store/row-index'
import { readStoredRows, type StoredRow } from './store/stored-rows'

export interface ContentRow {
  readonly index: number
  /** Its line in the source file. */
  readonly line: number
  readonly content: RowContent
  /** The text of the column that was asked for, empty where the row has none. */
  readonly value?: string
}

/** A dataset open for reading. Rows are its usable rows, counted from 0 in the order of the file. */
export interface OpenDataset {
  readonly dataset: Dataset
  /** How its rows are understood; undefined while nobody has said what its columns are. */
  readonly reading: Reading | undefined
  rowText(index: number): Promise<string>
  row(index: number): Promise<unknown>
  /** Fewer than `limit`, or none, at the end. */
  rows(offset: number, limit: number): Promise<StoredRow[]>
  /**
   * The rows as they are understood, each with its value in `column` where one is named. Throws GraftError
   * `dataset-unmapped` where nobody has said yet what the columns are, `invalid-argument` for an unknown column.
   */
  contents(column?: string): AsyncGenerator<ContentRow>
  /** Like {@link contents}, of the rows at these places alone, which ascend. */
  pick(places: readonly number[]): AsyncGenerator<ContentRow>
  /**
   * What tells which rows belong together. `onRow` is awaited with each row where they all must be read for it.
   * Throws like {@link contents}.
   */
  keys(onRow?: (row: ContentRow) => Promise<void>): Promise<IdentityColumns>
  /** How many bytes each of the first `count` rows takes. */
  sizes(count: number): Promise<number[]>
  problems(offset: number, limit: number): Promise<RowProblem[]>
  close(): Promise<void>
}

const batchRows = 1000

export interface OpenOptions {
  /** Rows as they are, without the instruction and the system message of the mapping: what a classifier is to read. */
  readonly plain?: boolean
}

/** How a run's task wants its rows. */
export const readingFor = ({ kind }: TaskChoice): OpenOptions => ({ plain: kind === 'sequence-classification' })

/** Opens a dataset. Throws HostError `dataset-broken` where its files do not belong together. */
export async function openDataset(
  datasetsDir: string,
  id: string,
  { plain = false }: OpenOptions = {},
): Promise<OpenDataset> {
  const dataset = await readDataset(datasetsDir, id)
  const folder = datasetFolder(datasetsDir, id)
  const rowsFile = await fileByteSource(join(folder, datasetFiles.rows))
  let indexFile: OpenFile | undefined
  const close = async () => {
    await rowsFile.close()
    await indexFile?.close()
  }
  try {
    indexFile = await fileByteSource(join(folder, datasetFiles.index))
    const index = await openRowIndex(indexFile)
    if (index.usable !== dataset.rows) throw mismatch(dataset, index)
    const reading = readingOf(dataset)
    const chosen = plain && reading !== undefined ? plainReading(reading) : reading
    return openedDataset({ dataset, reading: chosen }, index, rowsFile, folder, close)
  } catch (error) {
    await close()
    throw error
  }
}

type Understood = Pick<OpenDataset, 'dataset' | 'reading'>

function openedDataset(
  { dataset, reading }: Understood,
  index: RowIndex,
  rowsFile: OpenFile,
  folder: string,
  close: () => Promise<void>,
): OpenDataset {
  const rows = async (offset: number, limit: number) =>
    readStoredRows(rowsFile, await index.read(offset, Math.min(limit, dataset.rows - offset)))
  const rowText = async (at: number) => {
    const [row] = Number.isInteger(at) && at >= 0 && at < dataset.rows ? await rows(at, 1) : []
    if (row !== undefined) return row.text
    const message = `dataset ${dataset.id}: expected a row from 0 to ${dataset.rows - 1}, got ${at}; choose another row`
    throw new GraftError('invalid-argument', message)
  }
  const rowsAt = async (places: readonly number[]) => readStoredRows(rowsFile, await index.pick(places))
  const understood = { dataset, reading }
  const contents = (column?: string) => readContents(understood, rowsAt, everyPlace(dataset.rows), column)
  return {
    ...understood,
    rows,
    rowText,
    row: async (at) => JSON.parse(await rowText(at)) as unknown,
    contents,
    pick: (places) => readContents(understood, rowsAt, inBatches(places)),
    keys: async (onRow) =>
      (await storedKeys(join(folder, datasetFiles.keys), dataset)) ?? (await countKeys(contents(), onRow)),
    sizes: async (count) => (await index.read(0, Math.min(count, dataset.rows))).map(({ length }) => length),
    problems: (offset, limit) => readProblems(join(folder, datasetFiles.problems), offset, limit),
    close,
  }
}

function* everyPlace(rows: number): Generator<number[]> {
  for (let from = 0; from < rows; from += batchRows)
    yield Array.from({ length: Math.min(batchRows, rows - from) }, (_, at) => from + at)
}

function* inBatches(places: readonly number[]): Generator<number[]> {
  for (let from = 0; from < places.length; from += batchRows) yield places.slice(from, from + batchRows)
}

async function* readContents(
  { dataset, reading }: Understood,
  rowsAt: (places: readonly number[]) => Promise<StoredRow[]>,
  batches: Iterable<readonly number[]>,
  column?: string,
): AsyncGenerator<ContentRow> {
  if (reading === undefined) {
    const message = `dataset ${dataset.id}: expected a known form, got unmapped columns; say what each column is`
    throw new GraftError('dataset-unmapped', message, { columns: dataset.columns })
  }
  if (column !== undefined) requireColumn(dataset, column)
  for (const places of batches) {
    for (const [at, { line, text }] of (await rowsAt(places)).entries()) {
      const content = readContent(text, reading)
      if (isRejected(content)) throw rowError(dataset.id, line, content.problem.message)
      const index = places[at] as number
      yield { index, line, content, ...(column !== undefined && { value: columnText(text, column) }) }
    }
  }
}

/** What a row holds in a column, as text; nothing where it has no such field. */
export function columnText(text: string, column: string): string {
  const value = (JSON.parse(text) as Record<string, unknown>)[column] ?? ''
  return typeof value === 'string' ? value : JSON.stringify(value)
}

async function readProblems(path: string, offset: number, limit: number): Promise<RowProblem[]> {
  const problems: RowProblem[] = []
  let at = 0
  for await (const line of readJsonLines(path)) {
    if (problems.length >= limit) break
    if (at++ >= offset && 'value' in line) problems.push(rowProblemSchema.parse(line.value))
  }
  return problems
}

function mismatch({ id, rows }: Dataset, index: RowIndex): HostError {
  const message = `dataset ${id}: expected ${rows} rows in its index, got ${index.usable}; map its columns again`
  return new HostError('dataset-broken', `${message} or import the file again`, { id })
}

/** @throws GraftError `invalid-argument` */
export function requireColumn({ id, columns }: Dataset, column: string): void {
  if (columns.includes(column)) return
  const message = `dataset ${id}: expected one of the columns ${columns.join(', ')}, got "${column}"; choose one of these`
  throw new GraftError('invalid-argument', message, { column, columns })
}

function rowError(id: string, line: number, message: string): GraftError {
  return new GraftError(
    'dataset-row',
    `dataset ${id}: expected a usable row from line ${line}, got one that is not: ${message}; map its columns again`,
    { line },
  )
}
