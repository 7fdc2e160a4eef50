import type { Dataset, RowProblem } from '../../../preload/contract'

/** How a file may be read otherwise. */
export interface ReadingChoices {
  /** Of a workbook with more than one. */
  readonly sheets: readonly string[]
  /** Of a text whose bytes leave room for doubt. */
  readonly encodings: readonly string[]
  readonly applies: boolean
  /** Rows were lost to it: it should be seen. */
  readonly urgent: boolean
}

/** The encodings that people's files are in; the command line knows more. */
const encodings = [
  'UTF-8',
  'GB18030',
  'Big5',
  'Shift_JIS',
  'EUC-JP',
  'EUC-KR',
  'windows-1252',
  'windows-1251',
  'UTF-16LE',
  'UTF-16BE',
]

const badBytes = new Set(['invalid-utf8', 'invalid-encoding'])

/** Only what this file leaves open: a lone sheet is no choice, and UTF-8 without a fault is no guess. */
export function readingChoices({ encoding, sheets = [] }: Dataset, problems: readonly RowProblem[]): ReadingChoices {
  const hasBadBytes = problems.some(({ code }) => badBytes.has(code))
  const doubtful = encoding !== undefined && (encoding !== 'UTF-8' || hasBadBytes)
  const choices = { sheets: sheets.length > 1 ? sheets : [], encodings: doubtful ? encodings : [] }
  return { ...choices, applies: choices.sheets.length + choices.encodings.length > 0, urgent: hasBadBytes }
}
