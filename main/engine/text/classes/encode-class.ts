import { shortenPrompt } from '../batches/truncate'
import { ignoredLabel } from '../batches/batch'
import type { ChatTemplate } from '../chat-template'
import type { Encoded } from '../encoded'
import type { ChatMessage } from '../records/row-content'
import type { Tokenizer } from '../tokenizer'
import { plainText } from './labelled-text'

/** How a text reaches a classifier: as it is, or through the chat template up to where an answer would begin. */
export const classRenderings = ['text', 'chat'] as const
export type ClassRendering = (typeof classRenderings)[number]

export interface ClassReader {
  readonly tokenizer: Tokenizer
  readonly template: ChatTemplate
  readonly rendering: ClassRendering
  /** Tokens that a text may have. */
  readonly maxLength: number
}

export interface ClassText {
  readonly ids: Int32Array
  /** Tokens before it was shortened. */
  readonly length: number
}

/**
 * A text of which the class is read at the last token. Plain text has the tokens that the tokenizer adds to every text,
 * and where it is too long loses its end, as with transformers' `truncation`; a rendered one loses its middle, since its
 * end asks for the answer. transformers finds the last token by its not being padding, so that none may stand there.
 * @throws GraftError 'template-failed' where the template refuses the messages
 */
export function encodeClassText(messages: readonly ChatMessage[], reader: ClassReader): ClassText {
  const { tokenizer, maxLength } = reader
  const ids = withoutPadding(Int32Array.from(renderIds(messages, reader)), tokenizer.padId)
  const isPlain = reader.rendering === 'text'
  const short = isPlain ? withoutPadding(ids.subarray(0, maxLength), tokenizer.padId) : shortenPrompt(ids, maxLength)
  return { ids: short, length: ids.length }
}

function renderIds(messages: readonly ChatMessage[], { tokenizer, template, rendering }: ClassReader): number[] {
  if (rendering === 'text') return tokenizer.encode(plainText(messages), { addSpecialTokens: true })
  return tokenizer.encode(template.render(messages, { addGenerationPrompt: true }), { addSpecialTokens: false })
}

function withoutPadding(ids: Int32Array, padId: number): Int32Array {
  const last = ids.findLastIndex((id) => id !== padId)
  return ids.slice(0, Math.max(1, last + 1))
}

/** A text as an example: its class is the label at its last token, and no other token bears loss. */
export function classExample(ids: Int32Array, classIndex: number): Encoded {
  const labels = new Int32Array(ids.length).fill(ignoredLabel)
  labels[ids.length - 1] = classIndex
  return { ids, trained: new Uint8Array(ids.length), labels, notes: [] }
}
