import { type FileHead, type RowReader, type RowSink } from '../row-reader'
import { blockReader, type LineRole } from './block-rows'

/** Text whose lines are all so short was broken to fit a page; a document a line is longer somewhere. */
const pageWidth = 120

/**
 * Whether the lines of a text are broken by hand, so that its paragraphs, parted by blank lines, are what belongs
 * together. Otherwise each line is a document of its own.
 */
export function hasParagraphs({ text, whole }: FileHead): boolean {
  const lines = text.trimEnd().split(/\r?\n|\r/)
  // The last line of a head may be cut off.
  const known = whole ? lines : lines.slice(0, -1)
  return known.some((line) => line.trim() === '') && known.every((line) => line.length <= pageWidth)
}

/** Plain text: a row a line, or a row a paragraph where the lines are broken by hand. */
export function textReader(sink: RowSink, head: FileHead, limit?: number): RowReader {
  const other: LineRole = hasParagraphs(head) ? 'goes-on' : 'starts'
  const roleOf = (line: string): LineRole => (line.trim() === '' ? 'separates' : other)
  return blockReader(sink, { roleOf, ...(limit !== undefined && { limit }) })
}

/** A whole file as one row. */
export function documentReader(sink: RowSink, file: string): RowReader {
  return blockReader(sink, { roleOf: () => 'goes-on', file })
}
