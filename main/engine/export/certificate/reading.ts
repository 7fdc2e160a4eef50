import { GraftError } from '../../errors'
import type { ChatMessage, ChatTemplate, Tokenizer } from '../../text'

/** How a model reads conversations. */
export interface Reader {
  readonly tokenizer: Tokenizer
  readonly template: ChatTemplate
}

/** How many conversations two readers write and read alike. */
export interface ReadingComparison {
  readonly conversations: number
  readonly same: number
}

type Conversation = readonly ChatMessage[]

const user = (content: string): ChatMessage => ({ role: 'user', content })
const assistant = (content: string): ChatMessage => ({ role: 'assistant', content })

/** Shapes of conversations that a chat template may treat apart. */
export const usualConversations: readonly Conversation[] = [
  [user('Hello!')],
  [{ role: 'system', content: 'You are brief.' }, user('What is 12 + 34?')],
  [user('Grüße  an 你好 🌱'), assistant('Danke.\n\nWeiter?'), user('  <b>"ja"</b>\t1,234.50 ')],
]

/** The text and the ids of a conversation, or the template's own refusal, which must be the same as well. */
function read({ tokenizer, template }: Reader, conversation: Conversation): string {
  try {
    const text = template.render(conversation, { addGenerationPrompt: true })
    return JSON.stringify([text, tokenizer.encode(text, { addSpecialTokens: false })])
  } catch (error) {
    if (error instanceof GraftError && error.code === 'template-failed') return 'refused'
    throw error
  }
}

/** Writes conversations through two templates, tokenises them with two tokenizers, and compares every byte and id. */
export function compareReading(
  trained: Reader,
  exported: Reader,
  conversations: readonly Conversation[],
): ReadingComparison {
  const same = conversations.filter((conversation) => read(trained, conversation) === read(exported, conversation))
  return { conversations: conversations.length, same: same.length }
}
