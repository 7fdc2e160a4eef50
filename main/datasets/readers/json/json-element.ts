import type { Place } from './emit-object'
import { checkObject, maxDepth } from './json-check'
import type { TextPiece } from '../text-pieces'

/** A row that is being read. Only brackets and quotes are followed here; the finished text is then checked whole. */
export interface Element {
  readonly start: Place
  parts: string[]
  length: number
  /** The closing brackets that are due, the next one last. */
  readonly due: string[]
  inString: boolean
  escaped: boolean
  /** The first byte that is not UTF-8. */
  invalid: Place | undefined
}

export interface ElementScan {
  readonly end: number
  readonly outcome: 'open' | 'complete' | 'broken'
}

/** A row is checked for a lost end only while that is cheap. */
const checkedPrefix = 1 << 20

export function newElement(start: Place): Element {
  return { start, parts: [], length: 0, due: [], inString: false, escaped: false, invalid: undefined }
}

/** Follows brackets and quotes to the end of the row, of the text, or to a bracket that does not fit. */
export function scanElement(element: Element, text: string, from: number): ElementScan {
  for (let at = from; at < text.length; at++) {
    const char = text[at] ?? ''
    if (element.inString) {
      readInString(element, char)
      if (element.inString) continue
    } else if (char === '"') element.inString = true
    else if (char === '{' || char === '[') element.due.push(char === '{' ? '}' : ']')
    else if (char !== '}' && char !== ']') continue
    else if (element.due.pop() !== char) return { end: at + 1, outcome: 'broken' }
    if (element.due.length > maxDepth) return { end: at + 1, outcome: 'broken' }
    if (element.due.length === 0 && !element.inString) return { end: at + 1, outcome: 'complete' }
  }
  return { end: text.length, outcome: 'open' }
}

function readInString(element: Element, char: string): void {
  if (element.escaped) element.escaped = false
  else if (char === '\\') element.escaped = true
  else if (char === '"') element.inString = false
}

/** Keeps a stretch of the row's text; of a row that is too long only the length. */
export function keepText(element: Element, piece: TextPiece, from: number, end: number, limit: number): void {
  element.length += end - from
  if (element.length > limit) element.parts = []
  else element.parts.push(piece.text.slice(from, end))
  const invalid = piece.invalid.find((at) => at >= from && at < end)
  if (invalid !== undefined) element.invalid ??= { line: piece.line, column: piece.column + invalid }
}

export function keepBreak(element: Element, limit: number): void {
  element.length++
  if (element.length <= limit) element.parts.push('\n')
}

/** Whether a line starts a new row though this one has not ended: then it has lost its end. */
export function startsAnother(element: Element, line: string): boolean {
  const indent = /^[ \t]*(?=\{)/.exec(line)?.[0].length
  if (indent === undefined || indent >= element.start.column || element.inString) return false
  if (element.length > checkedPrefix) return false
  const prefix = element.parts.join('')
  const { fault } = checkObject(`${prefix}{`)
  return fault !== undefined && fault.offset <= prefix.length
}
