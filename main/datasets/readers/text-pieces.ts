/** A stretch of text that lies within one line. Lines and columns count from 1, columns in UTF-16 units as editors do. */
export interface TextPiece {
  readonly text: string
  readonly line: number
  readonly column: number
  /** The line break that follows the piece ('' where the line goes on); the return of a CR LF is part of the text. */
  readonly end: '' | LineBreak
  /** Where in `text` bytes stand that are not UTF-8 (each shows as U+FFFD), ascending. */
  readonly invalid: readonly number[]
}

/** `\r` alone only for files that know no other line break. */
export type LineBreak = '\n' | '\r'

export interface PieceSplitter {
  push(chunk: Uint8Array): TextPiece[]
  /** What is left once the file has ended. */
  end(): TextPiece[]
}

const breakBytes: Record<LineBreak, number> = { '\n': 10, '\r': 13 }
const shortLine = 1 << 16
const byteOrderMark = [0xef, 0xbb, 0xbf]

/**
 * Cuts the bytes of a file into lines, whatever the chunks are. A long line (some JSON files are one line of gigabytes)
 * comes as several pieces, so that little is ever held back. A byte order mark is dropped.
 */
export function pieceSplitter(lineBreak: LineBreak): PieceSplitter {
  let rest: Buffer = Buffer.alloc(0)
  let started = false
  let line = 1
  let column = 1

  function take(bytes: Buffer, end: '' | LineBreak): TextPiece {
    const text = bytes.toString('utf8')
    const piece = { text, line, column, end, invalid: invalidPositions(text, bytes) }
    line += end === '' ? 0 : 1
    column = end === '' ? column + text.length : 1
    return piece
  }

  function cut(bytes: Buffer): TextPiece[] {
    const pieces: TextPiece[] = []
    let from = 0
    for (let at = bytes.indexOf(breakBytes[lineBreak]); at >= 0; at = bytes.indexOf(breakBytes[lineBreak], from)) {
      pieces.push(take(bytes.subarray(from, at), lineBreak))
      from = at + 1
    }
    if (from < bytes.length) pieces.push(take(bytes.subarray(from), ''))
    return pieces
  }

  return {
    push(chunk) {
      let bytes = rest.length === 0 ? asBuffer(chunk) : Buffer.concat([rest, chunk])
      if (!started && bytes.length >= 3) {
        bytes = withoutMark(bytes, started)
        started = true
      }
      const end = started ? usableLength(bytes, breakBytes[lineBreak]) : 0
      rest = Buffer.from(bytes.subarray(end))
      return started ? cut(bytes.subarray(0, end)) : []
    },
    end() {
      return cut(withoutMark(rest, started))
    },
  }
}

function withoutMark(bytes: Buffer, started: boolean): Buffer {
  return !started && byteOrderMark.every((byte, index) => bytes[index] === byte) ? bytes.subarray(3) : bytes
}

export function asBuffer(chunk: Uint8Array): Buffer {
  return Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength)
}

/** A line that has not ended yet is only handed on in pieces once it is long: most readers see whole lines. */
function usableLength(bytes: Buffer, breakByte: number): number {
  const lineStart = bytes.lastIndexOf(breakByte) + 1
  return bytes.length - lineStart < shortLine ? lineStart : completeLength(bytes)
}

/** The length without a character at the end of which bytes are still to come. */
function completeLength(bytes: Buffer): number {
  for (let back = 1; back <= Math.min(3, bytes.length); back++) {
    const byte = bytes[bytes.length - back] ?? 0
    if ((byte & 0xc0) === 0x80) continue
    const needed = byte >= 0xf0 ? 4 : byte >= 0xe0 ? 3 : byte >= 0xc0 ? 2 : 1
    return needed > back ? bytes.length - back : bytes.length
  }
  return bytes.length
}

/** Tells the replacement characters that decoding put in from those that the file itself holds. */
function invalidPositions(text: string, bytes: Buffer): number[] {
  const positions: number[] = []
  let textAt = 0
  let byteAt = 0
  for (let found = text.indexOf('\ufffd'); found >= 0; found = text.indexOf('\ufffd', textAt)) {
    byteAt += Buffer.byteLength(text.slice(textAt, found))
    const genuine = bytes[byteAt] === 0xef && bytes[byteAt + 1] === 0xbf && bytes[byteAt + 2] === 0xbd
    if (!genuine) positions.push(found)
    byteAt += genuine ? 3 : invalidLength(bytes, byteAt)
    textAt = found + 1
  }
  return positions
}

/** How many bytes one replacement character stands for: the longest start of a character that is cut off there. */
function invalidLength(bytes: Buffer, at: number): number {
  for (let length = 3; length > 1; length--) {
    if (at + length > bytes.length) continue
    if (bytes.toString('utf8', at, at + length) === '\ufffd') return length
  }
  return 1
}
