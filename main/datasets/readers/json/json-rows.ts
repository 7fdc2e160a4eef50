import { emitObject, faultProblem, type Place } from './emit-object'
import { checkObject, isSpace } from './json-check'
import { keepBreak, keepText, newElement, scanElement, startsAnother, type Element } from './json-element'
import { jsonLayout, type JsonLayout } from './json-layout'
import { invalidEncoding, maxRowLength, tooLong, type FileHead, type RowReader, type RowSink } from '../row-reader'
import type { TextPiece } from '../text-pieces'

/** `lost`: an error left the end of a row unknown, and the start of another is looked for. */
type Mode = 'before' | 'between' | 'element' | 'lost' | 'after'

interface State {
  readonly sink: RowSink
  readonly layout: JsonLayout
  readonly limit: number
  mode: Mode
  element: Element | undefined
  /** Where the latest row starts. */
  lastStart: Place
  lastWasBroken: boolean
  wantsComma: boolean
  restReported: boolean
  /** The end of what has been read. */
  place: Place
}

/** Each step reads from a place of a piece on and returns the place after what it has read. */
const steps: Record<Mode, (state: State, piece: TextPiece, at: number) => number> = {
  before: findList,
  between: findElement,
  element: readElement,
  lost: findLine,
  after: checkRest,
}

/**
 * A JSON file: a list of objects (perhaps in a field of one object), or objects one after the other.
 *
 * After an error the end of the row is known where brackets and quotes still fit; else reading goes on at the next
 * line that starts an object no deeper indented than the broken one. Without such a line the rest is given up, and
 * a problem says so.
 */
export function jsonReader(sink: RowSink, head: FileHead, limit = maxRowLength): RowReader {
  const state = initialState(sink, jsonLayout(head), limit)
  return {
    push(piece) {
      for (let at = 0; at < piece.text.length;) at = steps[state.mode](state, piece, at)
      if (piece.end !== '') endLine(state)
      state.place = { line: piece.line, column: piece.column + piece.text.length }
    },
    end: () => endFile(state),
  }
}

function initialState(sink: RowSink, layout: JsonLayout, limit: number): State {
  const start = { line: 1, column: 1 }
  const mode = layout.kind === 'list' ? 'before' : 'between'
  const flags = { lastWasBroken: false, wantsComma: false, restReported: false }
  return { sink, layout, limit, mode, element: undefined, lastStart: start, place: start, ...flags }
}

function findList(state: State, { text, line, column }: TextPiece): number {
  const { layout } = state
  if (layout.kind !== 'list' || line !== layout.start.line) return text.length
  const at = layout.start.column - column
  if (at >= text.length) return text.length
  state.mode = 'between'
  return at + 1
}

function findElement(state: State, piece: TextPiece, at: number): number {
  const inList = state.layout.kind === 'list'
  if (isSpace(piece.text.charCodeAt(at))) return at + 1
  if (piece.text[at] === ',' && (state.wantsComma || !inList)) {
    state.wantsComma = false
    return at + 1
  }
  if (piece.text[at] === ']' && inList) {
    state.mode = 'after'
    return at + 1
  }
  const place = { line: piece.line, column: piece.column + at }
  if (state.wantsComma && inList) {
    // The broken row did not end where its brackets close, so neither is this the start of a row.
    if (state.lastWasBroken) return lose(state, piece)
    report(state, place, 'expected "," or "]" after a row')
  }
  return startElement(state, piece, at, place)
}

function startElement(state: State, piece: TextPiece, at: number, place: Place): number {
  state.lastStart = place
  if ('{["'.includes(piece.text[at] ?? '')) {
    state.element = newElement(place)
    state.mode = 'element'
    return at
  }
  const word = /^[^\s,[\]{}"]+/.exec(piece.text.slice(at, at + 1000))?.[0] ?? ''
  const message = `expected an object { … }, got ${JSON.stringify(word.slice(0, 20) || piece.text[at])}`
  if (!/^(?:true|false|null|-?\d.*)$/.test(word)) {
    report(state, place, message)
    return lose(state, piece)
  }
  state.sink.problem({ ...place, code: 'not-an-object', message })
  state.wantsComma = true
  state.lastWasBroken = false
  return at + word.length
}

function readElement(state: State, piece: TextPiece, from: number): number {
  const { element } = state
  if (element === undefined) return piece.text.length
  if (piece.column === 1 && from === 0 && startsAnother(element, piece.text)) {
    giveUp(state, element, '{')
    state.mode = 'between'
    state.wantsComma = false
    return from
  }
  const { end, outcome } = scanElement(element, piece.text, from)
  keepText(element, piece, from, end, state.limit)
  if (outcome === 'broken') giveUp(state, element, '')
  else if (outcome === 'complete') finish(state, element)
  return outcome === 'broken' ? piece.text.length : end
}

function finish(state: State, { start, parts, length, invalid }: Element): void {
  state.lastWasBroken = false
  if (length > state.limit) state.sink.problem(tooLong(start.line, start.column, state.limit))
  else if (invalid !== undefined) state.sink.problem(invalidEncoding(invalid.line, invalid.column))
  else state.lastWasBroken = !emitObject(state.sink, parts.join(''), start)
  state.wantsComma = true
  state.element = undefined
  state.mode = 'between'
}

/** Reports a broken row whose end is not known; `next` is the character that shows that it is broken. */
function giveUp(state: State, { start, parts, length }: Element, next: string): void {
  const text = parts.join('') + next
  const { fault } = checkObject(text)
  if (length > state.limit) state.sink.problem(tooLong(start.line, start.column, state.limit))
  else if (fault !== undefined) state.sink.problem(faultProblem(text, fault, start))
  state.element = undefined
  state.mode = 'lost'
}

function lose(state: State, piece: TextPiece): number {
  state.mode = 'lost'
  return piece.text.length
}

function findLine(state: State, { text, column }: TextPiece): number {
  const indent = column === 1 ? /^[ \t]*(?=[{\]])/.exec(text)?.[0].length : undefined
  if (indent === undefined || indent >= state.lastStart.column) return text.length
  state.mode = 'between'
  state.wantsComma = false
  return indent
}

/** Behind the list only the rest of the object that holds it may stand, and no second list of rows. */
function checkRest(state: State, piece: TextPiece, at: number): number {
  const { layout } = state
  const holder = layout.kind === 'list' ? layout.field : undefined
  const found = piece.text.slice(at).search(holder === undefined ? /\S/ : /\[\s*\{/)
  if (found >= 0) {
    const what = holder === undefined ? 'text after the end of the list' : `a list beside "${holder}"`
    reportRest(state, { line: piece.line, column: piece.column + at + found }, `${what} was not read`)
  }
  return piece.text.length
}

function endLine(state: State): void {
  if (state.mode !== 'element' || state.element === undefined) return
  // JSON allows no line break within quotes, so a quote must be missing.
  if (state.element.inString) giveUp(state, state.element, '\n')
  else keepBreak(state.element, state.limit)
}

function endFile(state: State): void {
  if (state.mode === 'element' && state.element !== undefined) giveUp(state, state.element, '')
  else if (state.mode === 'lost')
    reportRest(state, state.lastStart, 'after the error in this row the rest of the file could not be read')
  else if (state.layout.kind === 'list' && state.mode !== 'after')
    report(state, state.place, 'the list of rows is not closed: the file seems to be cut off')
}

function report(state: State, place: Place, message: string): void {
  state.sink.problem({ ...place, code: 'json-syntax', message })
}

function reportRest(state: State, place: Place, message: string): void {
  if (!state.restReported) state.sink.problem({ ...place, code: 'rest-unread', message })
  state.restReported = true
}
