import readWorkbook from 'read-excel-file/node'
import { GraftError } from '../../../engine/errors'
import type { ReadRequest, RowSink } from '../row-reader'
import { unsupported } from '../sniff-format'
import { nameColumns, textRow } from './column-names'
import { readingTable, type TableSource } from './table-source'

/** A workbook is unpacked in memory and takes many times its size. */
const maxSize = 64 << 20

type Workbook = Awaited<ReturnType<typeof readWorkbook<string>>>
type Cells = Workbook[number]['data']

/**
 * xlsx: one sheet as a table of texts whose first row with anything in it names the columns. Numbers come with the
 * digits that the file holds (not as the cell's format shows them), dates as ISO 8601, truth values as TRUE and FALSE,
 * as spreadsheets write them. A row's line is its number in the sheet.
 */
export async function xlsxRows(source: TableSource, { sink, options, pause }: ReadRequest) {
  if (source.size > maxSize) throw unsupported(source.name, 'a workbook of more than 64 MB')
  const bytes = Buffer.from(await source.ranges(0, source.size))
  // `trim: false` and `parseNumber`: a cell's text is not ours to change.
  const sheets = await readingTable(source, 'xlsx', () =>
    readWorkbook(bytes, { trim: false, parseNumber: (text) => text }),
  )
  const chosen = chooseSheet(source.name, sheets, options.sheet)
  if (chosen !== undefined) readCells(chosen.data, sink)
  await pause(source.size)
  const names = sheets.map(({ sheet }) => sheet)
  const quoted = names.map((name) => JSON.stringify(name)).join(', ')
  const notes = sheets.length > 1 ? [`sheet "${chosen?.sheet}" was read, of ${quoted}`] : []
  return { format: 'xlsx' as const, notes, sheets: names, ...(chosen && { sheet: chosen.sheet }) }
}

function chooseSheet(file: string, sheets: Workbook, name: string | undefined): Workbook[number] | undefined {
  const chosen = name === undefined ? sheets[0] : sheets.find(({ sheet }) => sheet === name)
  if (chosen !== undefined || name === undefined) return chosen
  const known = sheets.map(({ sheet }) => sheet).join(', ')
  const message = `${file}: expected one of the sheets ${known}, got "${name}"; choose one of these`
  throw new GraftError('invalid-argument', message, { sheet: name })
}

function readCells(cells: Cells, sink: RowSink): void {
  let columns: readonly string[] | undefined
  for (const [index, row] of cells.entries()) {
    const values = row.map(cellText)
    const line = index + 1
    if (values.every((value) => value === '')) continue
    if (columns === undefined) columns = readHeader(values, line, sink)
    else sink.row({ line, text: textRow(columns, values), fields: columns })
  }
}

function readHeader(values: readonly string[], line: number, sink: RowSink): string[] {
  const columns = nameColumns(values)
  for (const [index, { name, fault }] of columns.entries())
    if (fault !== undefined) sink.problem({ line, column: index + 1, field: name, ...fault })
  return columns.map(({ name }) => name)
}

function cellText(value: Cells[number][number]): string {
  if (value === null || value === undefined) return ''
  if (value instanceof Date) return dateText(value)
  return typeof value === 'boolean' ? String(value).toUpperCase() : String(value)
}

/** A workbook keeps a moment as a fraction of days, which falls short of a whole second by up to a millisecond. */
function dateText(date: Date): string {
  const seconds = Math.round(date.getTime() / 1000) * 1000
  const whole = Math.abs(date.getTime() - seconds) <= 1 ? new Date(seconds) : date
  return whole
    .toISOString()
    .replace(/(?:\.000)?Z$/, '')
    .replace(/T00:00:00$/, '')
}
