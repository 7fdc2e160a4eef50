import type { ChatMessage, RowContent } from '../records/row-content'

/** What is to be classified, as the messages before an answer, and the label that a dataset row gives it. */
export interface LabelledText {
  readonly messages: readonly ChatMessage[]
  readonly label: string
}

/**
 * A row's last answer is its label, all that comes before it the text. Blanks around a label do not count, since
 * completions often begin with one. Undefined for plain text, which has no label.
 */
export function labelledText(content: RowContent): LabelledText | undefined {
  if (content.kind === 'text') return undefined
  if (content.kind === 'completion')
    return { messages: [{ role: 'user', content: content.prompt }], label: content.completion.trim() }
  const last = content.messages.findLastIndex(({ role }) => role === 'assistant')
  const answer = content.messages[last]
  return answer && { messages: content.messages.slice(0, last), label: answer.content.trim() }
}

/** The text of messages without their roles, one below the other: what a classifier reads where no template is used. */
export function plainText(messages: readonly ChatMessage[]): string {
  return messages
    .map(({ content }) => content)
    .filter((content) => content !== '')
    .join('\n')
}

/** Labels in an order that depends on nothing but themselves: numbers by their value, else by letters' codes. */
export function orderLabels(labels: Iterable<string>): string[] {
  const distinct = [...new Set(labels)].sort()
  const isNumber = (label: string): boolean => label !== '' && Number.isFinite(Number(label))
  return distinct.every(isNumber) ? distinct.sort((a, b) => Number(a) - Number(b)) : distinct
}
