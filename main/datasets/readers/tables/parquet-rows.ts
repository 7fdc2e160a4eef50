import { parquetMetadataAsync, parquetRead, parquetSchema, type AsyncBuffer, type FileMetaData } from 'hyparquet'
import { compressors } from 'hyparquet-compressors'
import { maxRowLength, tooLong, type ReadRequest, type RowSink } from '../row-reader'
import { decimalText, exactParsers, jsonOf } from './parquet-values'
import { readingTable, type TableSource } from './table-source'

/** So many bytes of a row group, uncompressed, are turned into rows at a time. */
const windowBytes = 32 << 20

interface Column {
  readonly name: string
  /** The digits after the point of a decimal column. */
  readonly decimals?: number
}

/**
 * Parquet: rows by windows of a row group, so that memory is bounded by the compressed columns of one group and one
 * window of rows. A row's line is its number in the file.
 */
export async function parquetRows(source: TableSource, { sink, pause }: Pick<ReadRequest, 'sink' | 'pause'>) {
  const file = asyncBuffer(source)
  const { metadata, columns } = await readingTable(source, 'Parquet', async () =>
    withExactDecimals(await parquetMetadataAsync(file)),
  )
  const total = Number(metadata.num_rows)
  for (const { rowStart, rowEnd } of windowsOf(metadata)) {
    const rows = await readingTable(source, 'Parquet', () => readWindow(file, metadata, rowStart, rowEnd))
    for (const [index, row] of rows.entries()) emit(sink, columns, row, rowStart + index + 1)
    await pause(Math.round((source.size * rowEnd) / Math.max(1, total)))
  }
  return { format: 'parquet' as const, notes: [] }
}

function asyncBuffer({ size, ranges }: TableSource): AsyncBuffer {
  const slice = async (start: number, end: number): Promise<ArrayBuffer> => {
    if (start >= 0 && start <= end && end <= size) return (await ranges(start, end)).buffer
    throw new RangeError(`bytes ${start} to ${end} of ${size}`)
  }
  return {
    byteLength: size,
    slice(start, end = size) {
      const bytes = slice(start, end)
      // The library asks for many ranges ahead and leaves the others alone once one has failed: a failure that nobody
      // waits for any more must not end the process.
      bytes.catch(() => {})
      return bytes
    },
  }
}

/** The library multiplies decimals as floating-point numbers; without their type it hands out the digits. */
function withExactDecimals(metadata: FileMetaData): { metadata: FileMetaData; columns: readonly Column[] } {
  const scales = new Map<object, number>()
  const columns = parquetSchema(metadata).children.map(({ element, children }): Column => {
    const { name, logical_type: logical, scale = 0 } = element
    if (children.length > 0 || (element.converted_type !== 'DECIMAL' && logical?.type !== 'DECIMAL')) return { name }
    const decimals = logical?.type === 'DECIMAL' ? logical.scale : scale
    scales.set(element, decimals)
    return { name, decimals }
  })
  const schema = metadata.schema.map((element) => {
    if (!scales.has(element)) return element
    const { converted_type: _converted, logical_type: _logical, ...plain } = element
    return plain
  })
  return { metadata: { ...metadata, schema }, columns }
}

function* windowsOf({ row_groups: groups }: FileMetaData): Generator<{ rowStart: number; rowEnd: number }> {
  let start = 0
  for (const group of groups) {
    const rows = Number(group.num_rows)
    const parts = Math.max(1, Math.ceil(Number(group.total_byte_size) / windowBytes))
    const step = Math.max(1, Math.ceil(rows / parts))
    for (let at = 0; at < rows; at += step) yield { rowStart: start + at, rowEnd: start + Math.min(rows, at + step) }
    start += rows
  }
}

async function readWindow(file: AsyncBuffer, metadata: FileMetaData, rowStart: number, rowEnd: number) {
  let rows: unknown[][] = []
  const onComplete = (read: unknown[][]): void => void (rows = read)
  await parquetRead({ file, metadata, rowStart, rowEnd, compressors, utf8: false, parsers: exactParsers, onComplete })
  return rows
}

function emit(sink: RowSink, columns: readonly Column[], values: readonly unknown[], line: number): void {
  const parts: string[] = []
  for (const [index, { name, decimals }] of columns.entries()) {
    const value = values[index]
    const text = jsonOf(decimals === undefined ? value : decimalText(value, decimals))
    if (text === undefined) {
      const message = `a text in the column "${name}" is not valid UTF-8; write the file again from its source`
      return sink.problem({ line, field: name, code: 'invalid-utf8', message })
    }
    parts.push(`${JSON.stringify(name)}:${text}`)
  }
  const text = `{${parts.join(',')}}`
  if (text.length > maxRowLength) return sink.problem(tooLong(line, 1, maxRowLength))
  sink.row({ line, text, fields: columns.map(({ name }) => name) })
}
