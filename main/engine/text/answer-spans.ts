import { GraftError } from '../errors'
import type { ChatTemplate } from './chat-template'
import { createEncoded, type Encoded, type EncodeNote, type TokenSpan } from './encoded'
import type { ChatMessage, MessagesContent } from './records/row-content'
import { cutTokens } from './token-boundaries'
import type { Tokenizer } from './tokenizer'

/** A half-open range of characters of the rendered conversation. */
interface CharSpan {
  readonly start: number
  readonly end: number
}

/**
 * Encodes a conversation with the loss on the assistant's turns. Where turn i stands is found by rendering twice: the
 * messages before it with the generation prompt end where the answer starts, and the messages up to it end where its
 * terminator ends. Both must be prefixes of the whole text. Templates that rewrite earlier turns break that for those
 * turns; then the last answer alone is trained, with a note.
 * @throws GraftError 'template-failed' where the template fails, or the last answer cannot be found either.
 */
export function encodeMessages(tokenizer: Tokenizer, template: ChatTemplate, content: MessagesContent): Encoded {
  const { messages, trainFrom = 0 } = content
  const text = template.render(messages, { addGenerationPrompt: false })
  const turns = messages.flatMap((message, index) =>
    message.role === 'assistant' && index >= trainFrom ? [index] : [],
  )
  const last = turns.at(-1)
  if (last === undefined) throw unmarkable('an assistant message to learn from, got none')
  const lastSpan = locateTurn(template, messages, last, text)
  if (!lastSpan)
    throw unmarkable('the text that asks for an answer to be the start of the answered text, got another text')
  const earlier = turns.slice(0, -1).map((turn) => locateEarlierTurn(template, messages, turn, text))
  const known = earlier.filter((span) => span !== undefined)
  if (known.length < earlier.length) return markSpans(tokenizer, text, [lastSpan], ['last-turn-only'])
  return markSpans(tokenizer, text, [...known, lastSpan], [])
}

/** Where the answer of one turn stands in the text, or undefined where the text does not begin as it should. */
function locateTurn(
  template: ChatTemplate,
  messages: readonly ChatMessage[],
  turn: number,
  text: string,
): CharSpan | undefined {
  const before = template.render(messages.slice(0, turn), { addGenerationPrompt: true })
  const isWhole = turn + 1 === messages.length
  const through = isWhole ? text : template.render(messages.slice(0, turn + 1), { addGenerationPrompt: false })
  const isPrefix = text.startsWith(before) && text.startsWith(through) && through.length > before.length
  return isPrefix ? { start: before.length, end: through.length } : undefined
}

/** A template may refuse the beginning of a conversation that it accepts as a whole; that turn is then not found. */
function locateEarlierTurn(...args: Parameters<typeof locateTurn>): CharSpan | undefined {
  try {
    return locateTurn(...args)
  } catch {
    return undefined
  }
}

function markSpans(
  tokenizer: Tokenizer,
  text: string,
  spans: readonly CharSpan[],
  notes: readonly EncodeNote[],
): Encoded {
  const cuts = spans.flatMap(({ start, end }) => [start, end])
  const { ids, boundaries } = cutTokens(tokenizer, text, cuts)
  const tokenSpans = spans.map((_, index) => ({
    start: boundaries[2 * index] ?? 0,
    end: boundaries[2 * index + 1] ?? 0,
  }))
  const marked = tokenSpans.map((span) => endAtTerminator(tokenizer, ids, span))
  return appendMissingEnd(tokenizer, ids, marked, notes)
}

/** The blanks that many templates put after the terminator are not said by the model: generation has stopped by then. */
function endAtTerminator(tokenizer: Tokenizer, ids: readonly number[], span: TokenSpan): TokenSpan {
  let end = span.end
  while (end > span.start && isBlankToken(tokenizer, ids[end - 1])) end--
  return end > span.start && isControl(tokenizer, ids[end - 1]) ? { start: span.start, end } : span
}

/** Some templates end the last answer with nothing; the end token then goes right behind it, trained. */
function appendMissingEnd(
  tokenizer: Tokenizer,
  ids: readonly number[],
  spans: readonly TokenSpan[],
  notes: readonly EncodeNote[],
): Encoded {
  const last = spans.at(-1)
  const eos = tokenizer.eosIds[0]
  if (!last || eos === undefined || isControl(tokenizer, ids[last.end - 1])) return createEncoded(ids, spans, notes)
  const closed = [...spans.slice(0, -1), { start: last.start, end: last.end + 1 }]
  return createEncoded([...ids.slice(0, last.end), eos], closed, [...notes, 'end-appended'])
}

function isControl(tokenizer: Tokenizer, id: number | undefined): boolean {
  return id !== undefined && tokenizer.isSpecial(id)
}

function isBlankToken(tokenizer: Tokenizer, id: number | undefined): boolean {
  if (id === undefined || tokenizer.isSpecial(id)) return false
  return tokenizer.decode([id], { skipSpecialTokens: false }).trim() === ''
}

function unmarkable(expectedAndGot: string): GraftError {
  const advice = 'this chat template cannot be used for training on these rows'
  return new GraftError('template-failed', `chat template: expected ${expectedAndGot}; ${advice}`)
}
