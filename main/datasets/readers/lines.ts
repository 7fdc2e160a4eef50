import type { LineBreak, TextPiece } from './text-pieces'

export interface Line {
  readonly text: string
  readonly number: number
  readonly end: '' | LineBreak
  /** The column of the first byte that is not UTF-8. */
  readonly invalidColumn?: number
  /** The line was longer than allowed; its text is missing. */
  readonly tooLong: boolean
}

/** Joins pieces to whole lines, none longer than `limit` characters. */
export function lineAssembler(limit: number, onLine: (line: Line) => void) {
  let parts: string[] = []
  let length = 0
  let number = 0
  let invalidColumn: number | undefined

  function flush(end: Line['end']): void {
    const tooLong = length > limit
    const text = tooLong ? '' : parts.length === 1 ? (parts[0] ?? '') : parts.join('')
    const line = { text, number, end, tooLong, ...(invalidColumn !== undefined && { invalidColumn }) }
    parts = []
    length = number = 0
    invalidColumn = undefined
    onLine(line)
  }

  return {
    push(piece: TextPiece): void {
      number = piece.line
      length += piece.text.length
      if (length > limit) parts = []
      else parts.push(piece.text)
      const invalid = piece.invalid[0]
      if (invalid !== undefined) invalidColumn ??= piece.column + invalid
      if (piece.end !== '') flush(piece.end)
    },
    end(): void {
      if (number > 0) flush('')
    },
  }
}
