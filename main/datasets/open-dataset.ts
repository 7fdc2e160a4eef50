import { join } from 'node:path'
import { rowProblemSchema, type Dataset, type RowProblem } from '../../preload/contract'
import { GraftError } from '../engine/errors'
import { fileByteSource, HostError, readJsonLines, type OpenFile } from '../files'
import { datasetFiles, datasetFolder, readDataset } from './store/dataset-folder'
import { isRejected, readContent, readingOf, type RowContent } from './row-content'
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
  rowText(index: number): Promise<string>
  row(index: number): Promise<unknown>
  /** Fewer than `limit`, or none, at the end. */
  rows(offset: number, limit: number): Promise<StoredRow[]>
  /**
   * The rows as they are understood, each with its value in `column` where one is named. Throws GraftError
   * `dataset-unmapped` where nobody has said yet what the columns are, `invalid-argument` for an unknown column.
   */
  contents(column?: string): AsyncGenerator<ContentRow>
  /** How many bytes each of the first `count` rows takes. */
  sizes(count: number): Promise<number[]>
  problems(offset: number, limit: number): Promise<RowProblem[]>
  close(): Promise<void>
}

const batchRows = 1000

/** Opens a dataset. Throws HostError `dataset-broken` where its files do not belong together. */
export async function openDataset(datasetsDir: string, id: string): Promise<OpenDataset> {
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
    return openedDataset(dataset, index, rowsFile, join(folder, datasetFiles.problems), close)
  } catch (error) {
    await close()
    throw error
  }
}

function openedDataset(
  dataset: Dataset,
  index: RowIndex,
  rowsFile: OpenFile,
  problemsPath: string,
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
  return {
    dataset,
    rows,
    rowText,
    row: async (at) => JSON.parse(await rowText(at)) as unknown,
    contents: (column) => readContents(dataset, rows, column),
    sizes: async (count) => (await index.read(0, Math.min(count, dataset.rows))).map(({ length }) => length),
    problems: (offset, limit) => readProblems(problemsPath, offset, limit),
    close,
  }
}

async function* readContents(
  dataset: Dataset,
  rows: OpenDataset['rows'],
  column: string | undefined,
): AsyncGenerator<ContentRow> {
  const reading = readingOf(dataset)
  if (reading === undefined) {
    const message = `dataset ${dataset.id}: expected a known form, got unmapped columns; say what each column is`
    throw new GraftError('dataset-unmapped', message, { columns: dataset.columns })
  }
  if (column !== undefined) requireColumn(dataset, column)
  for (let offset = 0; offset < dataset.rows; offset += batchRows) {
    for (const [at, { line, text }] of (await rows(offset, batchRows)).entries()) {
      const content = readContent(text, reading)
      if (isRejected(content)) throw rowError(dataset.id, line, content.problem.message)
      yield { index: offset + at, line, content, ...(column !== undefined && { value: columnText(text, column) }) }
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
