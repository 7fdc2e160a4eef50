import type { RunSpec } from '../../../../preload/contract'
import { usualConversations } from '../../../engine/export'
import { encodeChat, type ChatMessage } from '../../../engine/text'
import type { JobContext } from '../job-context'
import type { OpenModel } from '../tuning/open-model'
import { prepareHeldRows, type Question } from '../tuning/prepare-rows'

/** What an export is compared on. */
export interface ProofTexts {
  readonly prompts: readonly (readonly number[])[]
  readonly from: 'held-out rows' | 'the studio'
  readonly conversations: readonly (readonly ChatMessage[])[]
  /** Texts as the model was trained on them. */
  readonly rendered: readonly string[]
}

const PROMPTS = 4
/** Of a longer prompt its beginning: both models get the same. */
export const PROMPT_TOKENS = 96

/** The few held-out rows that are looked at; none where the dataset has gone, since an export must not depend on it. */
async function heldQuestions(spec: RunSpec, model: OpenModel, context: JobContext): Promise<readonly Question[]> {
  const few: RunSpec = {
    ...spec,
    training: { ...spec.training, validationRows: PROMPTS },
    sampling: { ...spec.sampling, prompts: PROMPTS },
    metric: { ...spec.metric, rows: PROMPTS },
  }
  try {
    return (await prepareHeldRows(few, model, context)).questions.filter(({ ids }) => ids.length > 0).slice(0, PROMPTS)
  } catch {
    context.controls.signal.throwIfAborted()
    return []
  }
}

/** Held-out prompts of the run, or the studio's own where there are none. */
export async function proofTexts(spec: RunSpec, model: OpenModel, context: JobContext): Promise<ProofTexts> {
  const { tokenizer, template } = model
  const questions = await heldQuestions(spec, model, context)
  const asked = questions.map(({ asked: content }): ChatMessage[] => [{ role: 'user', content }])
  const usual = usualConversations.flatMap((conversation) => {
    try {
      return [encodeChat(tokenizer, template, conversation)]
    } catch {
      // A template may refuse a system message, or other roles than its own.
      return []
    }
  })
  const prompts = questions.length > 0 ? questions : usual
  return {
    prompts: prompts.map(({ ids }) => ids.slice(0, PROMPT_TOKENS)),
    from: questions.length > 0 ? 'held-out rows' : 'the studio',
    conversations: [...usualConversations, ...asked],
    rendered: [...questions, ...usual].map(({ promptText }) => promptText),
  }
}
