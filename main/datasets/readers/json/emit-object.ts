import type { RowProblem } from '../../../../preload/contract'
import { checkObject, type JsonFault } from './json-check'
import type { RowSink } from '../row-reader'

export interface Place {
  readonly line: number
  readonly column: number
}

/** Hands on the text of a row that starts at `start`, as a row or as a problem. Returns whether it was a good one. */
export function emitObject(sink: RowSink, text: string, start: Place): boolean {
  const check = checkObject(text)
  if (check.fault !== undefined) {
    sink.problem(faultProblem(text, check.fault, start))
    return false
  }
  sink.row({ line: start.line, text: onOneLine(text), fields: check.fields.map(({ name }) => name) })
  return true
}

export function faultProblem(text: string, fault: JsonFault, start: Place): RowProblem {
  const { code, message, field } = fault
  return { ...placeOf(text, fault.offset, start), ...(field !== undefined && { field }), code, message }
}

/** Where in the file a place of a text is that starts at `start`. */
export function placeOf(text: string, offset: number, start: Place): Place {
  const before = text.slice(0, offset)
  const lastBreak = before.lastIndexOf('\n')
  if (lastBreak < 0) return { line: start.line, column: start.column + offset }
  let breaks = 0
  for (let at = before.indexOf('\n'); at >= 0; at = before.indexOf('\n', at + 1)) breaks++
  return { line: start.line + breaks, column: offset - lastBreak }
}

/** Valid JSON has no raw line break inside a text, so every break here stands between tokens. */
function onOneLine(text: string): string {
  return text.replace(/[\r\n][\r\n\t ]*/g, ' ').trim()
}
