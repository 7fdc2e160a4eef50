import type { ColumnMapping, Dataset, RecordForm } from '../../preload/contract'
import { toContent, type Parsed, type RowContent } from '../engine/text'
import { checkObject } from './readers'

export { detectForm, isRejected, type Parsed, type RowContent } from '../engine/text'

/** How rows are to be understood. */
export type Reading = RecordForm | ColumnMapping

/** The reading that a dataset has, undefined while nobody has mapped its columns. */
export function readingOf({ form, mapping }: Pick<Dataset, 'form' | 'mapping'>): Reading | undefined {
  if (form === 'mapped') return mapping
  return form === 'unknown' ? undefined : form
}

/** What rows say by themselves: without the instruction and the system message that a mapping puts before them. */
export function plainReading(reading: Reading): Reading {
  if (typeof reading === 'string') return reading
  const { form, input, answer } = reading
  return { form, input, answer }
}

/** The content of a row by its JSON text, or why it has none. */
export function readContent(text: string, reading: Reading): Parsed<RowContent> {
  const row = JSON.parse(text) as Record<string, unknown>
  return toContent(typeof reading === 'string' ? row : withExactNumbers(row, text), reading)
}

/** What the model is to say, where that is one text; conversations with several answers have none. */
export function singleAnswer(content: RowContent): string | undefined {
  if (content.kind === 'completion') return content.completion
  if (content.kind === 'text') return undefined
  const answers = content.messages.slice(content.trainFrom ?? 0).filter(({ role }) => role === 'assistant')
  return answers.length === 1 ? answers[0]?.content : undefined
}

/** A column may hold numbers, which become text as they stand in the file: 1.0 and 12345678901234567890 stay so. */
function withExactNumbers(row: Record<string, unknown>, text: string): Record<string, unknown> {
  if (!Object.values(row).some((value) => typeof value === 'number')) return row
  const check = checkObject(text)
  if (check.fault !== undefined) return row
  const exact = check.fields.map(({ name, start, end }): [string, unknown] => {
    return [name, typeof row[name] === 'number' ? text.slice(start, end) : row[name]]
  })
  return Object.fromEntries(exact)
}
