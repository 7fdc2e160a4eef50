import { csvRecords, type CsvField, type CsvRecord, type Delimiter } from './csv-records'
import { lineAssembler, type Line } from '../lines'
import { nameColumns, textRow } from '../tables/column-names'
import { maxRowLength, type FileHead, type RowReader, type RowSink } from '../row-reader'

const delimiters: readonly Delimiter[] = [',', ';', '\t']
const sniffedRecords = 50

/** CSV with a header: each row becomes an object of column name and text, the text exactly as in the file. */
export function csvReader(sink: RowSink, head: FileHead, limit = maxRowLength): RowReader {
  let columns: readonly string[] | undefined
  const { delimiter } = sniffDelimiter(head.text)

  function readRecord(record: CsvRecord): void {
    if (columns === undefined) columns = readHeader(record, sink)
    else if (record.fields.length !== columns.length) reportRagged(record, columns, sink)
    else sink.row({ line: record.fields[0]?.line ?? 0, text: rowText(columns, record.fields), fields: columns })
  }

  const records = csvRecords(delimiter, { record: readRecord, problem: (problem) => sink.problem(problem) }, limit)
  const lines = lineAssembler(limit, (line) => records.push(line))
  return {
    push: (piece) => lines.push(piece),
    end() {
      lines.end()
      records.end()
    },
  }
}

/**
 * The delimiter that cuts the first records into the header's number of fields most often; `score` is the share of
 * records that it fits, 0 where it never occurs in the header.
 */
export function sniffDelimiter(head: string): { readonly delimiter: Delimiter; readonly score: number } {
  const scored = delimiters.map((delimiter) => ({ delimiter, ...scoreDelimiter(head, delimiter) }))
  scored.sort((a, b) => b.score - a.score || b.width - a.width)
  return scored[0] ?? { delimiter: ',', score: 0 }
}

function scoreDelimiter(head: string, delimiter: Delimiter): { score: number; width: number } {
  const widths: number[] = []
  let faults = 0
  const records = csvRecords(
    delimiter,
    { record: ({ fields }) => widths.push(fields.length), problem: () => void faults++ },
    maxRowLength,
  )
  // The last line may be cut off, so it only counts where there is no other.
  const lines = head.split(/(?<=\n)|\r(?!\n)/).slice(0, sniffedRecords * 4)
  for (const [index, text] of (lines.length > 2 ? lines.slice(0, -1) : lines).entries()) {
    if (widths.length < sniffedRecords) records.push(headLine(text, index + 1))
  }
  const [width = 0, ...rest] = widths
  if (width < 2) return { score: 0, width }
  return { score: (1 + rest.filter((other) => other === width).length) / (widths.length + faults), width }
}

function headLine(text: string, number: number): Line {
  const whole = text.endsWith('\n')
  return { text: whole ? text.slice(0, -1) : text, number, end: whole ? '\n' : '', tooLong: false }
}

function readHeader({ fields }: CsvRecord, sink: RowSink): string[] {
  const columns = nameColumns(fields.map(({ text }) => text))
  for (const [index, { name, fault }] of columns.entries()) {
    const { line = 1, column = 1 } = fields[index] ?? {}
    if (fault !== undefined) sink.problem({ line, column, field: name, ...fault })
  }
  return columns.map(({ name }) => name)
}

function reportRagged(record: CsvRecord, columns: readonly string[], sink: RowSink): void {
  const { fields, endLine, endColumn } = record
  const extra = fields[columns.length]
  const missing = columns[fields.length]
  sink.problem({
    line: extra?.line ?? endLine,
    column: extra?.column ?? endColumn,
    ...(missing !== undefined && { field: missing }),
    code: 'ragged-row',
    message: `the row has ${fields.length} values, but the header names ${columns.length} columns`,
  })
}

function rowText(columns: readonly string[], fields: readonly CsvField[]): string {
  return textRow(
    columns,
    fields.map(({ text }) => text),
  )
}
