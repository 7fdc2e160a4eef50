import { isObject, type JsonObject } from '../read-files'
import { isBlank, optionalText, requireText, wrongType } from './fields'
import { mapRow } from './mapped-row'
import {
  isRejected,
  recordForms,
  reject,
  type ChatMessage,
  type ColumnMapping,
  type Parsed,
  type RecordForm,
  type RowContent,
} from './row-content'
import { checkAnswers, parseTurns } from './turns'

interface FormRule {
  /** Whether a row looks like this form; the values may still be wrong. */
  readonly matches: (row: JsonObject) => boolean
  readonly parse: (row: JsonObject) => Parsed<RowContent>
}

/** A column beside `text` with one of these names makes the row a labelled example, and the person says which is what. */
const labelColumns = ['label', 'labels', 'class', 'category', 'intent', 'sentiment', 'target', 'answer', 'output']

/** The shapes are those of `sft-data-and-optim`, section 1. */
const formRules: Record<RecordForm, FormRule> = {
  openai: { matches: (row) => 'messages' in row, parse: (row) => parseConversation(row, 'messages') },
  sharegpt: { matches: (row) => 'conversations' in row, parse: (row) => parseConversation(row, 'conversations') },
  alpaca: { matches: (row) => 'instruction' in row && 'output' in row, parse: parseAlpaca },
  'prompt-completion': { matches: (row) => 'prompt' in row && 'completion' in row, parse: parsePromptCompletion },
  text: {
    matches: (row) => 'text' in row && !labelColumns.some((name) => name in row),
    parse: parseText,
  },
}

/** Lists of turns say more than columns do, so they are looked for first. */
const detectionOrder: readonly RecordForm[] = ['openai', 'sharegpt', ...recordForms]

/** The form that a row's field names show, or undefined where a person has to map the columns. */
export function detectForm(row: unknown): RecordForm | undefined {
  return isObject(row) ? detectionOrder.find((form) => formRules[form].matches(row)) : undefined
}

/** Reads a row in a known form or by a column mapping; a row that cannot be used says why. */
export function toContent(row: unknown, form: RecordForm | ColumnMapping): Parsed<RowContent> {
  if (!isObject(row)) return reject('row-not-object', 'the row must be an object with named fields')
  return typeof form === 'string' ? formRules[form].parse(row) : mapRow(row, form)
}

function parseConversation(row: JsonObject, field: string): Parsed<RowContent> {
  const turns = parseTurns(row[field], field)
  if (isRejected(turns)) return turns
  const answered = checkAnswers(turns, field)
  if (isRejected(answered)) return answered
  const system = optionalText(row, 'system')
  if (typeof system !== 'string') return system
  return { kind: 'messages', messages: withSystem(system, answered) }
}

/** A system message in the conversation wins over the row's system column. */
function withSystem(system: string, messages: readonly ChatMessage[]): readonly ChatMessage[] {
  return isBlank(system) || messages[0]?.role === 'system'
    ? messages
    : [{ role: 'system', content: system }, ...messages]
}

function parseAlpaca(row: JsonObject): Parsed<RowContent> {
  const instruction = requireText(row, 'instruction')
  if (typeof instruction !== 'string') return instruction
  const input = optionalText(row, 'input')
  if (typeof input !== 'string') return input
  const output = requireText(row, 'output')
  if (typeof output !== 'string') return output
  const system = optionalText(row, 'system')
  if (typeof system !== 'string') return system
  const history = parseHistory(row['history'])
  if (isRejected(history)) return history
  const question = [instruction, input].filter((part) => part !== '').join('\n')
  if (isBlank(question)) return reject('prompt-empty', 'instruction and input are both empty', 'instruction')
  if (isBlank(output)) return reject('answer-empty', 'the answer is empty', 'output')
  const turns = [...history, { role: 'user', content: question }, { role: 'assistant', content: output }] as const
  return { kind: 'messages', messages: withSystem(system, turns) }
}

/** Earlier turns as pairs of question and answer. */
function parseHistory(value: unknown): Parsed<readonly ChatMessage[]> {
  if (value === undefined || value === null) return []
  if (!Array.isArray(value)) return wrongType('history', 'a list of pairs', value)
  const messages: ChatMessage[] = []
  for (const [index, pair] of value.entries()) {
    const [question, answer] = Array.isArray(pair) ? (pair as unknown[]) : []
    if (typeof question !== 'string' || typeof answer !== 'string')
      return wrongType(`history[${index}]`, 'a pair of question and answer', pair)
    messages.push({ role: 'user', content: question }, { role: 'assistant', content: answer })
  }
  return messages
}

/** Two strings, or two lists of messages: the loss is on the second either way. */
function parsePromptCompletion(row: JsonObject): Parsed<RowContent> {
  if (Array.isArray(row['prompt'])) return parseTurnPair(row)
  const prompt = requireText(row, 'prompt')
  if (typeof prompt !== 'string') return prompt
  const completion = requireText(row, 'completion')
  if (typeof completion !== 'string') return completion
  if (isBlank(completion)) return reject('answer-empty', 'the completion is empty', 'completion')
  return { kind: 'completion', prompt, completion }
}

function parseTurnPair(row: JsonObject): Parsed<RowContent> {
  const prompt = parseTurns(row['prompt'], 'prompt')
  if (isRejected(prompt)) return prompt
  const completion = parseTurns(row['completion'], 'completion')
  if (isRejected(completion)) return completion
  const answered = checkAnswers(completion, 'completion')
  if (isRejected(answered)) return answered
  return { kind: 'messages', messages: [...prompt, ...answered], trainFrom: prompt.length }
}

function parseText(row: JsonObject): Parsed<RowContent> {
  const text = requireText(row, 'text')
  if (typeof text !== 'string') return text
  return isBlank(text) ? reject('text-empty', 'the text is empty', 'text') : { kind: 'text', text }
}
