import { GraftError } from '../errors'
import { encodeMessages } from './answer-spans'
import type { ChatTemplate } from './chat-template'
import { createEncoded, type Encoded } from './encoded'
import type { ChatMessage, CompletionContent, MessagesContent, RowContent, TextContent } from './records/row-content'
import { commonPrefixLength } from './token-boundaries'
import type { Tokenizer } from './tokenizer'

/** What a model is given to continue. */
export interface Prompt {
  readonly ids: readonly number[]
  readonly promptText: string
}

/** A prompt from a dataset row, and what the row says should follow. */
export interface RowPrompt extends Prompt {
  readonly expected: string
}

/**
 * Encodes a row for training; the loss is only on what the model is to say. Conversations go through the chat template
 * (whose text is tokenised without added special tokens: it holds its own). Prompt and completion are joined as they
 * are, and text is taken whole; both get the end token.
 * @throws GraftError 'template-failed' where the template refuses the conversation.
 */
export function encodeContent(tokenizer: Tokenizer, template: ChatTemplate, content: RowContent): Encoded {
  switch (content.kind) {
    case 'messages':
      return encodeMessages(tokenizer, template, content)
    case 'completion':
      return encodeCompletion(tokenizer, content)
    case 'text':
      return encodeText(tokenizer, content)
  }
}

/**
 * The question of a held-out row, for generation: everything before the last answer, and that answer's text. Of plain
 * text the first half of the tokens asks for the rest.
 * @throws GraftError 'template-failed' where the template refuses the conversation.
 */
export function encodePrompt(tokenizer: Tokenizer, template: ChatTemplate, content: RowContent): RowPrompt {
  switch (content.kind) {
    case 'messages':
      return promptOfMessages(tokenizer, template, content)
    case 'completion':
      return {
        ids: encodeOpen(tokenizer, content.prompt),
        promptText: content.prompt,
        expected: content.completion,
      }
    case 'text':
      return promptOfText(tokenizer, content)
  }
}

/** A conversation that the model is to answer. */
export function encodeChat(tokenizer: Tokenizer, template: ChatTemplate, messages: readonly ChatMessage[]): Prompt {
  const promptText = template.render(messages, { addGenerationPrompt: true })
  return { ids: tokenizer.encode(promptText, { addSpecialTokens: false }), promptText }
}

function promptOfMessages(tokenizer: Tokenizer, template: ChatTemplate, content: MessagesContent): RowPrompt {
  const last = content.messages.findLastIndex(({ role }) => role === 'assistant')
  const answer = content.messages[last]
  if (!answer)
    throw new GraftError('dataset-row', 'prompt: expected a conversation with an answer, got none; leave the row out')
  return { ...encodeChat(tokenizer, template, content.messages.slice(0, last)), expected: answer.content }
}

/**
 * The prompt's length is found by tokenising the prompt alone, as TRL does. Where a token spans the border (which
 * shifts TRL's mask into the answer) that token is trained.
 */
function encodeCompletion(tokenizer: Tokenizer, { prompt, completion }: CompletionContent): Encoded {
  const ids = closeWithEnd(tokenizer, encodeOpen(tokenizer, prompt + completion))
  const start = commonPrefixLength(encodeOpen(tokenizer, prompt), ids)
  return createEncoded(ids, [{ start, end: ids.length }])
}

function encodeText(tokenizer: Tokenizer, { text }: TextContent): Encoded {
  const ids = closeWithEnd(tokenizer, encodeOpen(tokenizer, text))
  return createEncoded(ids, [{ start: 0, end: ids.length }])
}

function promptOfText(tokenizer: Tokenizer, { text }: TextContent): RowPrompt {
  const ids = encodeOpen(tokenizer, text)
  const decode = (part: readonly number[]): string => tokenizer.decode(part, { skipSpecialTokens: true })
  let half = Math.max(1, Math.floor(ids.length / 2))
  // A character of several tokens stays on one side.
  while (half < ids.length && decode(ids.slice(0, half)).endsWith('\uFFFD')) half++
  const promptText = decode(ids.slice(0, half))
  return { ids: ids.slice(0, half), promptText, expected: decode(ids).slice(promptText.length) }
}

/** Tokens of a text that goes on: with the start token where the tokenizer adds one, without the end token. */
function encodeOpen(tokenizer: Tokenizer, text: string): number[] {
  const ids = tokenizer.encode(text, { addSpecialTokens: true })
  return addsEnd(tokenizer) ? ids.slice(0, -1) : ids
}

/** Whether the tokenizer puts a token behind every text; a probe tells, as there is no setting to read. */
function addsEnd(tokenizer: Tokenizer): boolean {
  const last = (addSpecialTokens: boolean): number | undefined => tokenizer.encode('a', { addSpecialTokens }).at(-1)
  return last(true) !== last(false)
}

function closeWithEnd(tokenizer: Tokenizer, ids: readonly number[]): readonly number[] {
  const eos = tokenizer.eosIds[0]
  return eos === undefined || ids.at(-1) === eos ? ids : [...ids, eos]
}
