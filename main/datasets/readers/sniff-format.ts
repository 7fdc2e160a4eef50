import { GraftError } from '../../engine/errors'
import { sniffDelimiter } from './csv/csv-rows'
import { checkObject } from './json/json-check'
import { jsonLayout } from './json/json-layout'
import type { FileHead } from './row-reader'
import type { LineBreak } from './text-pieces'
import type { Dataset } from '../../../preload/contract'

export type SourceFormat = Dataset['sourceFormat']
/** The formats that are read as text, line by line. */
export type TextFormat = Exclude<SourceFormat, 'parquet' | 'xlsx' | 'folder'>
export type Container = 'zip' | 'parquet' | 'gzip'

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
  readonly delimiter: string
}

/**
 * The first rule that fits decides; the file's content counts for more than its name. Prose has commas and semicolons
 * everywhere, so a file that says it is text is taken for a table only where tabs part it.
 */
const rules: readonly { readonly format: TextFormat; readonly fits: (clues: Clues) => boolean }[] = [
  { format: 'markdown', fits: ({ extension }) => extension === 'md' || extension === 'markdown' },
  { format: 'json', fits: ({ extension, holdsList }) => holdsList && !isLines(extension) && !isTable(extension) },
  { format: 'jsonl', fits: ({ firstLine }) => isObjectText(firstLine) },
  { format: 'csv', fits: ({ extension, text }) => isTable(extension) && !/^\[\s*\{/.test(text) },
  { format: 'text', fits: isProse },
  { format: 'json', fits: ({ text }) => text.startsWith('[') },
  { format: 'jsonl', fits: ({ objectLines }) => objectLines >= 0.5 },
  { format: 'jsonl', fits: ({ extension, firstLine }) => isLines(extension) && firstLine !== '{' },
  { format: 'json', fits: ({ text }) => text.startsWith('{') },
  { format: 'csv', fits: ({ csvScore }) => csvScore >= 0.5 },
  { format: 'json', fits: ({ extension }) => extension === 'json' },
]

const isTable = (extension: string) => extension === 'csv' || extension === 'tsv'
const isLines = (extension: string) => extension === 'jsonl' || extension === 'ndjson'

function isProse({ extension, text, objectLines, csvScore, delimiter }: Clues): boolean {
  const isTabTable = delimiter === '\t' && csvScore >= 0.9
  return (extension === 'txt' || extension === 'text') && objectLines < 0.5 && !/^\[\s*\{/.test(text) && !isTabTable
}

/** Files that are no text, by how they start. */
const signatures: readonly (readonly [container: Container, bytes: readonly number[]])[] = [
  ['zip', [0x50, 0x4b, 3, 4]],
  ['parquet', [0x50, 0x41, 0x52, 0x31]],
  ['gzip', [0x1f, 0x8b]],
]

/** What a file is that is no plain text, undefined where it may be text. */
export function sniffContainer(head: Uint8Array): Container | undefined {
  return signatures.find(([, start]) => start.every((byte, index) => head[index] === byte))?.[0]
}

const sniffedLines = 100

/**
 * Tells the format of a text file from its start and its name.
 * Throws `unsupported` for what is none that we read.
 */
export function sniffFormat(name: string, head: FileHead): TextFormat {
  if (head.text.includes('\0')) throw unsupported(name, 'binary data')
  const clues = cluesOf(name, head)
  const format = rules.find(({ fits }) => fits(clues))?.format
  if (format === undefined) throw unsupported(name, 'text that is none of these')
  return format === 'csv' && clues.delimiter === '\t' ? 'tsv' : format
}

/** A file that knows no line feed breaks its lines with carriage returns alone, as old spreadsheets do. */
export function sniffLineBreak(format: TextFormat, head: FileHead): LineBreak {
  return format !== 'json' && format !== 'jsonl' && head.text.includes('\r') && !head.text.includes('\n') ? '\r' : '\n'
}

function cluesOf(name: string, head: FileHead): Clues {
  const { score, delimiter } = sniffDelimiter(head.text)
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
    csvScore: score,
    delimiter,
  }
}

function isObjectText(line: string): boolean {
  return line.startsWith('{') && checkObject(line).fault === undefined
}

export function unsupported(name: string, got: string): GraftError {
  const formats = 'JSON Lines, JSON, CSV, TSV, Parquet, xlsx, text or Markdown'
  return new GraftError(
    'unsupported',
    `${name}: expected ${formats}, got ${got}; save the data in one of these formats`,
    { file: name },
  )
}
