import type { JsonObject } from '../read-files'
import { isBlank, optionalText, requireScalar } from './fields'
import { reject, type ChatMessage, type ColumnMapping, type Parsed, type RowContent } from './row-content'

/** A row whose columns a person has given roles to becomes a conversation of one question and one answer. */
export function mapRow(row: JsonObject, mapping: ColumnMapping): Parsed<RowContent> {
  const system = mapping.system === undefined ? '' : optionalText(row, mapping.system)
  if (typeof system !== 'string') return system
  const input = joinColumns(row, mapping.input)
  if (typeof input !== 'string') return input
  const answer = requireScalar(row, mapping.answer)
  if (typeof answer !== 'string') return answer
  if (isBlank(input)) return reject('prompt-empty', 'the input is empty', mapping.input[0])
  if (isBlank(answer)) return reject('answer-empty', 'the answer is empty', mapping.answer)
  const question = [mapping.instruction ?? '', input].filter((part) => part !== '').join('\n')
  const head: readonly ChatMessage[] = isBlank(system) ? [] : [{ role: 'system', content: system }]
  return {
    kind: 'messages',
    messages: [...head, { role: 'user', content: question }, { role: 'assistant', content: answer }],
  }
}

/** Columns that are missing or null in this row are left out, as empty ones are, unless nothing is there at all. */
function joinColumns(row: JsonObject, columns: readonly string[]): Parsed<string> {
  const present = columns.filter((column) => row[column] !== undefined && row[column] !== null)
  const parts: string[] = []
  for (const column of present.length > 0 ? present : columns.slice(0, 1)) {
    const text = requireScalar(row, column)
    if (typeof text !== 'string') return text
    if (text !== '') parts.push(text)
  }
  return parts.join('\n')
}
