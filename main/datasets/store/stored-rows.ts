import type { OpenFile } from '../../files'
import type { RowRecord } from './row-index'

/** A row as it is stored. */
export interface StoredRow {
  /** Its line in the source file. */
  readonly line: number
  /** The JSON text exactly as imported. */
  readonly text: string
}

/** One read takes in so many bytes, and skips a gap of so many rather than making a second read. */
const maxSpan = 4 << 20
const maxGap = 64 << 10

/** Reads rows by their records; neighbours come with one read. */
export async function readStoredRows(file: OpenFile, records: readonly RowRecord[]): Promise<StoredRow[]> {
  const rows: StoredRow[] = []
  for (const group of neighbours(records)) {
    const start = group[0]?.offset ?? 0
    const last = group.at(-1)
    const bytes = Buffer.alloc((last?.offset ?? 0) + (last?.length ?? 0) - start)
    await file.read(start, bytes)
    for (const { offset, length, line } of group)
      rows.push({ line, text: bytes.toString('utf8', offset - start, offset - start + length) })
  }
  return rows
}

function neighbours(records: readonly RowRecord[]): RowRecord[][] {
  const groups: RowRecord[][] = []
  let end = 0
  for (const record of records) {
    const group = groups.at(-1)
    const span = record.offset + record.length - (group?.[0]?.offset ?? 0)
    if (group !== undefined && record.offset - end <= maxGap && span <= maxSpan) group.push(record)
    else groups.push([record])
    end = record.offset + record.length
  }
  return groups
}
