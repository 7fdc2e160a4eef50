import { lineAssembler, type Line } from '../lines'
import { invalidEncoding, maxRowLength, tooLong, type RowReader, type RowSink, type SourceRow } from '../row-reader'

/** What a line does to the blocks of a text: opens a new one, belongs to the present one, or parts two of them. */
export type LineRole = 'starts' | 'goes-on' | 'separates'

export interface BlockOptions {
  readonly roleOf: (line: string) => LineRole
  /** The name of the file, for a row that is to say where it comes from. */
  readonly file?: string | undefined
  readonly limit?: number
}

/**
 * Cuts a text into blocks; each becomes a row `{"text": …}`, with its text as it stands in the file. Blank lines at the
 * edges of a block are not part of it.
 */
export function blockReader(sink: RowSink, { roleOf, file, limit = maxRowLength }: BlockOptions): RowReader {
  let block: Line[] = []
  let length = 0

  function flush(): void {
    const lines = block
    const isTooLong = length > limit || lines.some((line) => line.tooLong)
    block = []
    length = 0
    const first = lines[0]
    if (first === undefined) return
    const invalid = lines.find(({ invalidColumn }) => invalidColumn !== undefined)
    if (isTooLong) sink.problem(tooLong(first.number, 1, limit))
    else if (invalid !== undefined) sink.problem(invalidEncoding(invalid.number, invalid.invalidColumn ?? 1))
    else sink.row(toRow(lines, file))
  }

  function readLine(line: Line): void {
    const isBlank = line.text.trim() === '' && !line.tooLong
    const role = roleOf(line.text)
    if (role !== 'goes-on') flush()
    if (role === 'separates' || (isBlank && block.length === 0)) return
    length += line.text.length + 1
    // Of a block that is too long only the first line is kept, to say where it stands.
    if (length <= limit || block.length === 0) block.push(line)
  }

  const lines = lineAssembler(limit, readLine)
  return {
    push: (piece) => lines.push(piece),
    end() {
      lines.end()
      flush()
    },
  }
}

function toRow(lines: readonly Line[], file: string | undefined): SourceRow {
  const last = lines.findLastIndex((line) => line.text.trim() !== '')
  const text = lines
    .slice(0, last + 1)
    .map((line, index) => (index < last ? line.text + line.end : line.text.replace(/\r$/, '')))
    .join('')
  const named = file === undefined ? { text } : { file, text }
  return { line: lines[0]?.number ?? 1, text: JSON.stringify(named), fields: Object.keys(named) }
}
