import type { RowProblem } from '../../../../preload/contract'
import type { Line } from '../lines'
import { invalidEncoding, tooLong } from '../row-reader'

export type Delimiter = ',' | ';' | '\t'

export interface CsvField {
  readonly text: string
  /** The line and column on which it starts, its opening quote included. */
  readonly line: number
  readonly column: number
}

export interface CsvRecord {
  readonly fields: readonly CsvField[]
  /** The line and column after its last character. */
  readonly endLine: number
  readonly endColumn: number
}

export interface CsvSink {
  record(record: CsvRecord): void
  problem(problem: RowProblem): void
}

/** A record while it is being read: a quoted field may go on over many lines. */
interface Draft {
  fields: CsvField[]
  lines: Line[]
  length: number
  /** The field whose closing quote is still to come. */
  open: { readonly start: CsvField; text: string } | undefined
}

type Outcome = 'complete' | 'open' | RowProblem

/**
 * Splits lines into records by RFC 4180 (a quote within an unquoted field is just a character, as spreadsheets write
 * it). Where the quotes of a record do not fit, only its first line is given up and reading goes on with the next:
 * one forgotten quote must not swallow the rest of the file.
 */
export function csvRecords(delimiter: Delimiter, sink: CsvSink, limit: number) {
  let draft = emptyDraft()

  function pushLine(line: Line): void {
    // A stack, since giving up a record puts its later lines back in front.
    const waiting = [line]
    for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
      if (draft.open === undefined && withoutReturn(next) === '' && !next.tooLong) continue
      draft.lines.push(next)
      draft.length += next.text.length + 1
      const outcome = draft.length > limit || next.tooLong ? overlong(draft, limit) : readLine(draft, next, delimiter)
      if (outcome !== 'open') for (const again of settle(outcome).reverse()) waiting.push(again)
    }
  }

  /** Hands the draft on and returns the lines that must be read again. */
  function settle(outcome: Exclude<Outcome, 'open'>): Line[] {
    const done = draft
    draft = emptyDraft()
    if (outcome !== 'complete') {
      sink.problem(outcome)
      return done.lines.slice(1)
    }
    const broken = done.lines.find(({ invalidColumn }) => invalidColumn !== undefined)
    if (broken !== undefined) sink.problem(invalidEncoding(broken.number, broken.invalidColumn ?? 1))
    else sink.record(toRecord(done))
    return []
  }

  return {
    push: pushLine,
    end(): void {
      while (draft.open !== undefined) for (const line of settle(unclosed(draft.open.start))) pushLine(line)
    },
  }
}

function emptyDraft(): Draft {
  return { fields: [], lines: [], length: 0, open: undefined }
}

function toRecord({ fields, lines }: Draft): CsvRecord {
  const last = lines.at(-1)
  return { fields, endLine: last?.number ?? 0, endColumn: withoutReturn(last).length + 1 }
}

/** The return of a CR LF belongs to the line break, save within quotes. */
function withoutReturn(line: Line | undefined): string {
  const text = line?.text ?? ''
  return line?.end === '\n' && text.endsWith('\r') ? text.slice(0, -1) : text
}

function readLine(draft: Draft, line: Line, delimiter: Delimiter): Outcome {
  const text = withoutReturn(line)
  let at = 0
  for (;;) {
    if (draft.open !== undefined || text[at] === '"') {
      const end = readQuoted(draft, line, text, at)
      if (end < 0) return 'open'
      if (end < text.length && text[end] !== delimiter) return misplaced(line.number, end)
      at = end
    } else {
      const found = text.indexOf(delimiter, at)
      const end = found < 0 ? text.length : found
      draft.fields.push({ text: text.slice(at, end), line: line.number, column: at + 1 })
      at = end
    }
    if (at >= text.length) return 'complete'
    at++
  }
}

/** Reads on in a quoted field and returns the place after its closing quote, or -1 where the line ends before. */
function readQuoted(draft: Draft, line: Line, text: string, from: number): number {
  let at = from
  if (draft.open === undefined) {
    draft.open = { start: { text: '', line: line.number, column: at + 1 }, text: '' }
    at++
  }
  const { open } = draft
  for (let quote = text.indexOf('"', at); quote >= 0; quote = text.indexOf('"', at)) {
    open.text += text.slice(at, quote)
    if (text[quote + 1] !== '"') {
      draft.fields.push({ ...open.start, text: open.text })
      draft.open = undefined
      return quote + 1
    }
    open.text += '"'
    at = quote + 2
  }
  // Within quotes a line break is part of the text, as the file has it.
  open.text += line.text.slice(at) + line.end
  return -1
}

function misplaced(line: number, quoteEnd: number): RowProblem {
  return {
    line,
    column: quoteEnd,
    code: 'misplaced-quote',
    message: 'a quote ends here in the middle of a value; write quotes within a quoted value twice ("")',
  }
}

function unclosed({ line, column }: CsvField): RowProblem {
  return { line, column, code: 'unclosed-quote', message: 'the quote that opens here is never closed' }
}

function overlong(draft: Draft, limit: number): RowProblem {
  if (draft.open !== undefined) return unclosed(draft.open.start)
  return tooLong(draft.lines[0]?.number ?? 0, 1, limit)
}
