import { isObject, type JsonObject } from '../read-files'
import { isBlank, wrongType } from './fields'
import { isRejected, reject, type ChatMessage, type ChatRole, type Parsed } from './row-content'

/** The names that datasets use for the four roles. */
const roles: Readonly<Record<string, ChatRole>> = {
  system: 'system',
  developer: 'system',
  user: 'user',
  human: 'user',
  assistant: 'assistant',
  gpt: 'assistant',
  model: 'assistant',
  function_call: 'assistant',
  tool: 'tool',
  observation: 'tool',
  function: 'tool',
}

/**
 * Reads a list of turns, `{role, content}` as OpenAI writes them or `{from, value}` as ShareGPT does.
 * An assistant turn that only calls tools becomes the JSON text of the calls.
 */
export function parseTurns(value: unknown, field: string): Parsed<readonly ChatMessage[]> {
  if (value === undefined || value === null) return reject('field-missing', `the field "${field}" is missing`, field)
  if (!Array.isArray(value)) return wrongType(field, 'a list of messages', value)
  if (value.length === 0) return reject('conversation-empty', `the list "${field}" has no messages`, field)
  const messages: ChatMessage[] = []
  for (const [index, turn] of value.entries()) {
    const message = parseTurn(turn, `${field}[${index}]`)
    if (isRejected(message)) return message
    messages.push(message)
  }
  return messages
}

/** A conversation is usable when it ends with an answer and no answer in it is empty. */
export function checkAnswers(messages: readonly ChatMessage[], field: string): Parsed<readonly ChatMessage[]> {
  if (!messages.some(({ role }) => role === 'assistant'))
    return reject('no-answer', `"${field}" has no assistant message, so there is nothing to learn`, field)
  const last = messages.length - 1
  if (messages[last]?.role !== 'assistant')
    return reject('ends-without-answer', `"${field}" ends with a message that nobody answers`, `${field}[${last}]`)
  const empty = messages.findIndex(({ role, content }) => role === 'assistant' && isBlank(content))
  if (empty >= 0) return reject('answer-empty', 'an assistant message is empty', `${field}[${empty}]`)
  return messages
}

function parseTurn(turn: unknown, path: string): Parsed<ChatMessage> {
  if (!isObject(turn)) return wrongType(path, 'a message', turn)
  const role = parseRole(turn, path)
  if (typeof role !== 'string') return role
  const content = parseContent(turn, path)
  return typeof content === 'string' ? { role, content } : content
}

function parseRole(turn: JsonObject, path: string): Parsed<ChatRole> {
  const key = 'role' in turn ? 'role' : 'from'
  const name = turn[key]
  const field = `${path}.${key}`
  if (name === undefined || name === null) return reject('field-missing', `the field "${field}" is missing`, field)
  if (typeof name !== 'string') return wrongType(field, 'text', name)
  const role = Object.hasOwn(roles, name) ? roles[name] : undefined
  return role ?? reject('role-unknown', `the role "${name}" is not known (user, assistant, system or tool)`, field)
}

function parseContent(turn: JsonObject, path: string): Parsed<string> {
  const key = 'content' in turn ? 'content' : 'value'
  const value = turn[key] ?? toolCallText(turn) ?? null
  const field = `${path}.${'role' in turn ? 'content' : key}`
  if (value === null) return reject('field-missing', `the field "${field}" is missing`, field)
  if (typeof value === 'string') return value
  return joinParts(value) ?? wrongType(field, 'text', value)
}

function toolCallText(turn: JsonObject): string | undefined {
  const calls = turn['tool_calls']
  return Array.isArray(calls) && calls.length > 0 ? JSON.stringify(calls) : undefined
}

/** Content may be a list of parts; a list of nothing but text is joined, anything else (pictures) is not ours. */
function joinParts(value: unknown): string | undefined {
  if (!Array.isArray(value) || value.length === 0) return undefined
  const texts = value.map((part: unknown) => (isObject(part) && part['type'] === 'text' ? part['text'] : undefined))
  return texts.every((text) => typeof text === 'string') ? texts.join('') : undefined
}
