import { GraftError } from '../../engine/errors'
import { sniffDelimiter } from './csv/csv-rows'
import { checkObject } from './json/json-check'
import { jsonLayout } from './json/json-layout'
import type { FileHead } from './row-reader'
import type { LineBreak } from './text-pieces'
import type { Dataset } from '../../../preload/contract'

export type SourceFormat = Dataset['sourceFormat']

interface Clues {
  readonly extension: string
  /** The head without white space at its start. */
  readonly text: string
  readonly firstLine: string
  /** Whether the file is one object that holds the list of rows. */
  readonly holdsList: boolean
  /** The share of the lines that are whole JSON objects. */
  readonly objectLines: number
  /** How well rows and header fit as CSV. */
  readonly csvScore: number
}

/** The first rule that fits decides; the file's content counts for more than its name. */
const rules: readonly { readonly format: SourceFormat; readonly fits: (clues: Clues) => boolean }[] = [
  { format: 'json', fits: ({ extension, holdsList }) => holdsList && !isLines(extension) && !isTable(extension) },
  { format: 'jsonl', fits: ({ firstLine }) => isObjectText(firstLine) },
  { format: 'csv', fits: ({ extension, text }) => isTable(extension) && !/^\[\s*\{/.test(text) },
  { format: 'json', fits: ({ text }) => text.startsWith('[') },
  { format: 'jsonl', fits: ({ objectLines }) => objectLines >= 0.5 },
  { format: 'jsonl', fits: ({ extension, firstLine }) => isLines(extension) && firstLine !== '{' },
  { format: 'json', fits: ({ text }) => text.startsWith('{') },
  { format: 'csv', fits: ({ csvScore }) => csvScore >= 0.5 },
  { format: 'json', fits: ({ extension }) => extension === 'json' },
]

const isTable = (extension: string) => extension === 'csv' || extension === 'tsv'
const isLines = (extension: string) => extension === 'jsonl' || extension === 'ndjson'

/** Files that are no text, by how they start. */
const signatures: readonly (readonly [name: string, bytes: readonly number[]])[] = [
  ['a ZIP archive or a spreadsheet', [0x50, 0x4b, 3, 4]],
  ['a Parquet file', [0x50, 0x41, 0x52, 0x31]],
  ['a gzip archive', [0x1f, 0x8b]],
  ['UTF-16 text', [0xff, 0xfe]],
  ['UTF-16 text', [0xfe, 0xff]],
]

const sniffedLines = 100

/**
 * Tells the format of a file from its first bytes and its name.
 * Throws `unsupported` for what is neither JSON Lines nor JSON nor CSV.
 */
export function sniffFormat(name: string, bytes: Uint8Array, head: FileHead): SourceFormat {
  const signature = signatures.find(([, start]) => start.every((byte, index) => bytes[index] === byte))
  if (signature !== undefined || head.text.includes('\0')) throw unsupported(name, signature?.[0] ?? 'binary data')
  const clues = cluesOf(name, head)
  const rule = rules.find(({ fits }) => fits(clues))
  if (rule === undefined) throw unsupported(name, 'text that is none of these')
  return rule.format
}

/** A file that knows no line feed breaks its lines with carriage returns alone, as old spreadsheets do. */
export function sniffLineBreak(format: SourceFormat, head: FileHead): LineBreak {
  return format === 'csv' && head.text.includes('\r') && !head.text.includes('\n') ? '\r' : '\n'
}

function cluesOf(name: string, head: FileHead): Clues {
  const lines = head.text.split('\n', sniffedLines + 1).map((line) => line.trim())
  // The last line of a head may be cut off.
  const whole = (head.whole || lines.length > sniffedLines ? lines.slice(0, sniffedLines) : lines.slice(0, -1)).filter(
    (line) => line !== '',
  )
  return {
    extension: /\.([^.]+)$/.exec(name)?.[1]?.toLowerCase() ?? '',
    text: head.text.trimStart(),
    firstLine: lines.find((line) => line !== '') ?? '',
    holdsList: head.text.trimStart().startsWith('{') && jsonLayout(head).kind === 'list',
    objectLines: whole.length === 0 ? 0 : whole.filter(isObjectText).length / whole.length,
    csvScore: sniffDelimiter(head.text).score,
  }
}

function isObjectText(line: string): boolean {
  return line.startsWith('{') && checkObject(line).fault === undefined
}

function unsupported(name: string, got: string): GraftError {
  return new GraftError(
    'unsupported',
    `${name}: expected JSON Lines, JSON or CSV in UTF-8, got ${got}; save the data in one of these formats`,
    { file: name },
  )
}
