import { HostError } from '../../../files'
import type { RangeReader } from '../source-file'

/** A file of a binary table format: it is not read from front to end. */
export interface TableSource {
  readonly name: string
  readonly size: number
  readonly ranges: RangeReader
}

/** Runs a format library's code and gives whatever it throws for a broken file one form. */
export async function readingTable<T>({ name }: TableSource, format: string, read: () => Promise<T>): Promise<T> {
  try {
    return await read()
  } catch (error) {
    const got = error instanceof Error ? error.message.split('\n')[0] : 'an error'
    const message = `${name}: expected a readable ${format} file, got one that is not (${got}); ${adviceFor(error)}`
    throw new HostError('file-damaged', message, { file: name })
  }
}

/** The workbook library gives up on cells of a megabyte or more, and says only that its stack is full. */
function adviceFor(error: unknown): string {
  if (!(error instanceof RangeError)) return 'get it again'
  return 'it may be too large, or its cells longer than the 32,767 characters that spreadsheets allow: save it as CSV'
}
