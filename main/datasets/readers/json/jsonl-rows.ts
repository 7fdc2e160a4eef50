import { emitObject } from './emit-object'
import { lineAssembler, type Line } from '../lines'
import { invalidEncoding, maxRowLength, tooLong, type RowReader, type RowSink } from '../row-reader'

/** JSON Lines: one object a line, empty lines are skipped, a broken line never touches the next. */
export function jsonlReader(sink: RowSink, limit = maxRowLength): RowReader {
  function readLine(line: Line): void {
    if (line.tooLong) return sink.problem(tooLong(line.number, 1, limit))
    if (line.text.trim() === '') return
    if (line.invalidColumn !== undefined) return sink.problem(invalidEncoding(line.number, line.invalidColumn))
    emitObject(sink, line.text, { line: line.number, column: 1 })
  }
  return lineAssembler(limit, readLine)
}
