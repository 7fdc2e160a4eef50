export type ChatRole = 'system' | 'user' | 'assistant' | 'tool'

export interface ChatMessage {
  readonly role: ChatRole
  readonly content: string
}

/** A conversation; the loss is on every assistant message, or on those from index `trainFrom` on. */
export interface MessagesContent {
  readonly kind: 'messages'
  readonly messages: readonly ChatMessage[]
  readonly trainFrom?: number
}

/** Two strings that follow each other; the loss is on the second. */
export interface CompletionContent {
  readonly kind: 'completion'
  readonly prompt: string
  readonly completion: string
}

/** Plain text; the loss is on all of it. */
export interface TextContent {
  readonly kind: 'text'
  readonly text: string
}

/** A dataset row as the engine understands it, whatever shape it came in. */
export type RowContent = MessagesContent | CompletionContent | TextContent

/** The record shapes of supervised fine-tuning, by their common names. */
export const recordForms = ['alpaca', 'sharegpt', 'openai', 'prompt-completion', 'text'] as const
export type RecordForm = (typeof recordForms)[number]

/** Which source column plays which role. */
export interface ColumnMapping {
  readonly form: 'mapped'
  readonly system?: string | undefined
  /** Columns joined with a line break make the user's message. */
  readonly input: readonly string[]
  /** What the model is to say. */
  readonly answer: string
  /** An instruction put before the input of every row. */
  readonly instruction?: string | undefined
}

/** Codes are stable: the app translates them. */
export type ProblemCode =
  | 'row-not-object'
  | 'field-missing'
  | 'field-type'
  | 'prompt-empty'
  | 'answer-empty'
  | 'text-empty'
  | 'conversation-empty'
  | 'role-unknown'
  | 'no-answer'
  | 'ends-without-answer'

/** Why a row cannot be used. */
export interface ContentProblem {
  readonly code: ProblemCode
  /** One sentence for a person. */
  readonly message: string
  /** The field to blame, where there is one: `messages[2].role`. */
  readonly field?: string
}

export interface Rejected {
  readonly problem: ContentProblem
}

/** A value, or why there is none. Bad rows are data here, not exceptions: a dataset may hold thousands. */
export type Parsed<T> = T | Rejected

export function isRejected(parsed: object | string): parsed is Rejected {
  return typeof parsed === 'object' && 'problem' in parsed
}

export function reject(code: ProblemCode, message: string, field?: string): Rejected {
  return { problem: { code, message, ...(field !== undefined && { field }) } }
}
