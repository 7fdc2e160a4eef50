import { type RowReader, type RowSink } from '../row-reader'
import { blockReader, type LineRole } from './block-rows'

/** Markdown: a row a section, which is a heading and all up to the next one. A file without headings is one row. */
export function markdownReader(sink: RowSink): RowReader {
  return blockReader(sink, { roleOf: headings() })
}

/** A line that starts with `#` within a fenced block is code, not a heading. */
function headings(): (line: string) => LineRole {
  let fence = ''
  return (line) => {
    const mark = /^ {0,3}(`{3,}|~{3,})/.exec(line)?.[1] ?? ''
    if (fence === '') fence = mark
    else if (mark.startsWith(fence) && line.trim() === mark) fence = ''
    return fence === '' && /^ {0,3}#{1,6}(?:[ \t]|$)/.test(line.trimEnd()) ? 'starts' : 'goes-on'
  }
}
