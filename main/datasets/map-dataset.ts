import { join } from 'node:path'
import { rowProblemSchema, type ColumnMapping, type Dataset } from '../../preload/contract'
import { GraftError } from '../engine/errors'
import { fileByteSource, readJsonLines } from '../files'
import { contentChecker, type SurveyTarget } from './content-survey'
import { datasetFiles, datasetFolder, readDataset, writeDataset, type StoredProblem } from './store/dataset-folder'
import { listsWriter, type ListsWriter } from './store/dataset-writer'
import { openRowIndex, type RowRecord } from './store/row-index'
import { readStoredRows } from './store/stored-rows'

const batchRows = 1000

/**
 * Says what the columns of a dataset are and checks all its rows anew; rows that were of no use before may be now.
 *
 * Throws GraftError `invalid-argument` for a column that is not there, `dataset-empty` where no row could be used;
 * the dataset then stays as it was.
 */
export async function mapDataset(datasetsDir: string, id: string, mapping: ColumnMapping): Promise<Dataset> {
  const before = await readDataset(datasetsDir, id)
  checkColumns(before, mapping)
  const folder = datasetFolder(datasetsDir, id)
  const writer = await listsWriter(folder)
  try {
    const found = await checkRows(folder, mapping, writer)
    const { rows, problems, firstProblem } = writer.found
    if (rows === 0) throw noUsableRow(before, problems, firstProblem?.message ?? '')
    await writer.commit()
    const { labels: _, ...rest } = before
    const dataset = { ...rest, form: 'mapped' as const, mapping, rows, problems, ...found }
    await writeDataset(folder, dataset)
    return dataset
  } finally {
    await writer.abort()
  }
}

function checkColumns({ id, columns }: Dataset, mapping: ColumnMapping): void {
  const named = [...mapping.input, mapping.answer, ...(mapping.system === undefined ? [] : [mapping.system])]
  const missing = named.find((column) => !columns.includes(column))
  if (missing === undefined && mapping.input.length > 0) return
  const got = missing === undefined ? 'no input column' : JSON.stringify(missing)
  const message = `dataset ${id}: expected columns among ${columns.join(', ')}, got ${got}; choose from these`
  throw new GraftError('invalid-argument', message, { columns, ...(missing !== undefined && { column: missing }) })
}

async function checkRows(folder: string, mapping: ColumnMapping, writer: ListsWriter) {
  const oldProblems = readProblemsUpTo(join(folder, datasetFiles.problems))
  let current: RowRecord = { offset: 0, length: 0, line: 0 }
  const target: SurveyTarget = {
    row: (_row, keys) => writer.row(current, keys),
    problem: (problem) => writer.problem({ ...problem, stage: 'content' }),
  }
  const checker = contentChecker(mapping, target)
  const rowsFile = await fileByteSource(join(folder, datasetFiles.rows))
  try {
    const records = await recordsInOrder(folder)
    for (let from = 0; from < records.length; from += batchRows) {
      const batch = records.slice(from, from + batchRows)
      for (const [at, { text, line }] of (await readStoredRows(rowsFile, batch)).entries()) {
        current = batch[at] ?? current
        for (const problem of await oldProblems.upTo(line)) writer.problem(problem)
        checker.check({ text, line, fields: [] })
      }
      await writer.flush()
    }
    for (const problem of await oldProblems.upTo(Infinity)) writer.problem(problem)
    return checker.found()
  } finally {
    await rowsFile.close()
    await oldProblems.close()
  }
}

async function recordsInOrder(folder: string): Promise<RowRecord[]> {
  const file = await fileByteSource(join(folder, datasetFiles.index))
  try {
    const index = await openRowIndex(file)
    return (await index.read(0, index.total)).sort((a, b) => a.offset - b.offset)
  } finally {
    await file.close()
  }
}

/** The problems of reading, which no mapping changes, in the order of the file. */
function readProblemsUpTo(path: string) {
  const lines = readJsonLines(path)
  let next: StoredProblem | undefined
  let ended = false
  async function advance(): Promise<void> {
    next = undefined
    while (next === undefined && !ended) {
      const { done, value: line } = await lines.next()
      ended = done === true
      if (line !== undefined && 'value' in line) next = asReadProblem(line.value)
    }
  }
  return {
    async upTo(line: number): Promise<StoredProblem[]> {
      const problems: StoredProblem[] = []
      if (next === undefined && !ended) await advance()
      for (; next !== undefined && next.line <= line; await advance()) problems.push(next)
      return problems
    },
    close: () => lines.return(undefined),
  }
}

function asReadProblem(value: unknown): StoredProblem | undefined {
  const { stage } = value as { stage?: unknown }
  return stage === 'content' ? undefined : { ...rowProblemSchema.parse(value), stage: 'read' }
}

function noUsableRow({ id }: Dataset, problems: number, first: string): GraftError {
  return new GraftError(
    'dataset-empty',
    `dataset ${id}: expected at least one usable row with these columns, got ${problems} problems (${first}); map others`,
    { problems },
  )
}
