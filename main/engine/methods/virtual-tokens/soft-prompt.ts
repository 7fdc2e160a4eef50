import type { TrainableParameter, AppliedMethod, ModelDefinition, StoredTensor } from '../../nn'
import { batchSlots } from '../../nn'

/** The prompt's vectors, [P, hidden]. */
export const PROMPT = 'prompt.embeddings'

/** What PEFT calls the one tensor of every prompt method. */
export const PROMPT_EMBEDDINGS = 'prompt_embeddings'

/**
 * A prompt at the input: whoever makes rows leaves room for it with placeholder tokens, whose embeddings are replaced. So
 * its vectors have positions, are rotated like any token's, and every layer sees them.
 */
export function softPrompt(tokens: number): Pick<AppliedMethod, 'virtualTokens' | 'hooks'> {
  return {
    virtualTokens: tokens,
    hooks: {
      inputEmbeddings: ({ g, slot }, x) => g.one('replaceRows', [x, slot(batchSlots.positions), slot(PROMPT)], {}),
    },
  }
}

export const promptShape = (tokens: number, { config }: ModelDefinition): readonly [number, number] => [
  tokens,
  config.hiddenSize,
]

/** The prompt as PEFT stores it, whether it is trained itself or made by an encoder. */
export const storedPrompt = (tokens: number, model: ModelDefinition): StoredTensor => ({
  name: PROMPT_EMBEDDINGS,
  shape: promptShape(tokens, model),
  slots: [PROMPT],
})

/** The prompt itself as what is trained. */
export const trainablePrompt = (
  tokens: number,
  model: ModelDefinition,
  initial: TrainableParameter['initial'],
): TrainableParameter => ({ name: PROMPT, shape: promptShape(tokens, model), decay: true, initial })
