import { identityOf, type ContentKeys, type IdentityColumns } from '../../engine/text'
import type { OpenFile } from '../../files'

/**
 * rows.keys: for each usable row, in their order, what it asks and what it is as a whole, as two float64 (little-endian).
 * With it the rows of a run are divided without a look at the rows themselves.
 */
export const keySize = 16

export function encodeKeys(keys: readonly ContentKeys[]): Uint8Array {
  const bytes = new Uint8Array(keys.length * keySize)
  const view = new DataView(bytes.buffer)
  for (const [row, each] of keys.entries()) {
    const [prompt, whole] = identityOf(each)
    view.setFloat64(row * keySize, prompt, true)
    view.setFloat64(row * keySize + 8, whole, true)
  }
  return bytes
}

/** The keys of all usable rows, or undefined where the file is one of another number of rows. */
export async function readKeys(file: OpenFile, rows: number): Promise<IdentityColumns | undefined> {
  if (file.size !== rows * keySize) return undefined
  const bytes = new Uint8Array(file.size)
  await file.read(0, bytes)
  const view = new DataView(bytes.buffer)
  const column = (offset: number): Float64Array =>
    Float64Array.from({ length: rows }, (_, row) => view.getFloat64(row * keySize + offset, true))
  return { prompt: column(0), whole: column(8) }
}
