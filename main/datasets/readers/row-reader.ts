import type { RowProblem } from '../../../preload/contract'
import type { TextPiece } from './text-pieces'

/** A row as it stood in the file. */
export interface SourceRow {
  /** The line on which it starts, from 1. */
  readonly line: number
  /** One JSON object on one line: strings, numbers and key order as in the file. */
  readonly text: string
  /** The names of its fields, in order. */
  readonly fields: readonly string[]
}

/** Where a reader puts what it finds, in the order of the file. */
export interface RowSink {
  row(row: SourceRow): void
  problem(problem: RowProblem): void
}

/** Takes a file piece by piece and hands each row on as soon as it is complete; never holds more than one row. */
export interface RowReader {
  push(piece: TextPiece): void
  end(): void
}

/** What a reader may look at before it starts. */
export interface FileHead {
  readonly text: string
  /** Whether the head is the whole file. */
  readonly whole: boolean
}

/** What a person may say about how a file is to be read. */
export interface ReadOptions {
  /** The sheet of a workbook, by name; the first where it is missing. */
  readonly sheet?: string | undefined
  /** The encoding of a text file, where it is not to be found out. */
  readonly encoding?: string | undefined
}

/** What a reading is to do with what it finds. */
export interface ReadRequest {
  readonly sink: RowSink
  readonly options: ReadOptions
  /**
   * Awaited after each stretch, with the bytes of the source that have been read: the place to write to the disk, to
   * tell how far it is and to give up.
   */
  readonly pause: (bytes: number) => Promise<void>
  /** Text and Markdown become one row a file, which says the file's name. */
  readonly asDocument?: string | undefined
}

export type OpenReader = (sink: RowSink, head: FileHead) => RowReader

/** A row longer than this (in characters) is refused: it would not fit any model, and it bounds the memory of an import. */
export const maxRowLength = 64 * 1024 * 1024

export function tooLong(line: number, column: number, limit: number): RowProblem {
  const size = limit >= 1048576 ? `${Math.round(limit / 1048576)} MB` : `${limit} characters`
  return { line, column, code: 'row-too-long', message: `the row is longer than ${size} and was left out` }
}

export function invalidEncoding(line: number, column: number): RowProblem {
  return {
    line,
    column,
    code: 'invalid-utf8',
    message: 'a byte here is not valid UTF-8; save the file in the encoding UTF-8 and import it again',
  }
}
