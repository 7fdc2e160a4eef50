import type { ChatMessage, ColumnMapping, PreviewRow } from '../../../preload/contract'

export interface Turn {
  readonly role: ChatMessage['role'] | 'text'
  readonly content: string
  /** Whether the model is trained to say this. */
  readonly trained: boolean
}

/** A row as a conversation, whatever its form. */
export function turnsOf(row: PreviewRow): Turn[] {
  if (row.messages) return row.messages.map((turn) => ({ ...turn, trained: turn.role === 'assistant' }))
  if (row.text !== undefined) return [{ role: 'text', content: row.text, trained: true }]
  const { prompt = '', completion = '' } = row
  if (prompt === '' && completion === '') return []
  return [
    { role: 'user', content: prompt, trained: false },
    { role: 'assistant', content: completion, trained: true },
  ]
}

const asText = (value: unknown): string => {
  if (value === undefined || value === null) return ''
  return typeof value === 'string' ? value : JSON.stringify(value)
}

/** What a source row would become under a mapping, before the service is asked: for the live example. */
export function applyMapping(source: string, mapping: ColumnMapping): Turn[] {
  const parsed: unknown = JSON.parse(source)
  const fields = (typeof parsed === 'object' && parsed !== null ? parsed : {}) as Record<string, unknown>
  const input = mapping.input.map((column) => asText(fields[column])).filter((text) => text !== '')
  const content = [mapping.instruction ?? '', ...input].filter((text) => text !== '').join('\n')
  const turns: Turn[] = [
    { role: 'user', content, trained: false },
    { role: 'assistant', content: asText(fields[mapping.answer]), trained: true },
  ]
  if (mapping.system === undefined) return turns
  return [{ role: 'system', content: asText(fields[mapping.system]), trained: false }, ...turns]
}
