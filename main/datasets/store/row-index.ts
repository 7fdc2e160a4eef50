import { HostError, type OpenFile } from '../../files'

/** Where a row stands in rows.jsonl, and where it stood in the source. */
export interface RowRecord {
  readonly offset: number
  /** Bytes, without the line break. */
  readonly length: number
  readonly line: number
}

/**
 * rows.index: a record of 16 bytes for each row (offset as float64, length and line as uint32, little-endian), first
 * all usable rows and then the others, each in the order of the file; at the end a record with the number of usable
 * rows (float64) and a mark. So row i is found with one read, however many rows there are.
 */
export const recordSize = 16
const mark = 0x58495247

export function encodeRecords(records: readonly RowRecord[]): Uint8Array {
  const bytes = new Uint8Array(records.length * recordSize)
  const view = new DataView(bytes.buffer)
  for (const [index, { offset, length, line }] of records.entries()) {
    view.setFloat64(index * recordSize, offset, true)
    view.setUint32(index * recordSize + 8, length, true)
    view.setUint32(index * recordSize + 12, line, true)
  }
  return bytes
}

export function encodeEnd(usable: number): Uint8Array {
  return encodeRecords([{ offset: usable, length: mark, line: mark }])
}

export interface RowIndex {
  readonly usable: number
  readonly total: number
  read(from: number, count: number): Promise<RowRecord[]>
  /** The records at these places, which ascend; of places that there are not, none. */
  pick(places: readonly number[]): Promise<RowRecord[]>
}

/** Places so near to each other come with one read. */
const maxGap = 64

/** Throws HostError `dataset-broken` for a file that is no index. */
export async function openRowIndex(file: OpenFile): Promise<RowIndex> {
  const total = file.size / recordSize - 1
  const readRecords = async (from: number, count: number) => {
    const bytes = new Uint8Array(count * recordSize)
    await file.read(from * recordSize, bytes)
    return decodeRecords(bytes)
  }
  const end = total >= 0 && Number.isInteger(total) ? (await readRecords(total, 1))[0] : undefined
  if (end?.length !== mark || end.line !== mark || !(end.offset >= 0 && end.offset <= total))
    throw new HostError(
      'dataset-broken',
      `${file.name}: expected an index of rows, got other data; import the file again`,
      { path: file.name },
    )
  const read = (from: number, count: number) => readRecords(from, Math.max(0, Math.min(count, total - from)))
  const pick = async (places: readonly number[]) => {
    const groups = await Promise.all(
      nearPlaces(places).map(async (group) => {
        const first = group[0] ?? 0
        const records = await read(first, (group.at(-1) ?? 0) + 1 - first)
        return group.flatMap((place) => records[place - first] ?? [])
      }),
    )
    return groups.flat()
  }
  return { usable: end.offset, total, read, pick }
}

function nearPlaces(places: readonly number[]): number[][] {
  const groups: number[][] = []
  for (const place of places) {
    const group = groups.at(-1)
    if (group !== undefined && place - (group.at(-1) ?? 0) <= maxGap) group.push(place)
    else groups.push([place])
  }
  return groups
}

function decodeRecords(bytes: Uint8Array): RowRecord[] {
  const view = new DataView(bytes.buffer)
  return Array.from({ length: bytes.length / recordSize }, (_, index) => ({
    offset: view.getFloat64(index * recordSize, true),
    length: view.getUint32(index * recordSize + 8, true),
    line: view.getUint32(index * recordSize + 12, true),
  }))
}
