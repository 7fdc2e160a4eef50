import type { Method, MethodInfo, ParameterValues } from '../nn'
import { promptFields, readVirtualTokens } from './virtual-tokens/peft-fields'
import { initialPrompt, initialisations, type Initialisation } from './virtual-tokens/initial-prompt'
import { softPrompt, storedPrompt, trainablePrompt } from './virtual-tokens/soft-prompt'
import { resolveValues } from './values'
import { promptWords } from './words/prompt'

const words = promptWords.parameters

/** Says what is wanted in words that suit any task: vectors of words are a better start than random ones. */
const DEFAULT_TEXT = 'Read the request carefully and reply with exactly the answer that is wanted:'

const info: MethodInfo = {
  id: 'prompt',
  ...promptWords.about,
  parameters: [
    { name: 'tokens', ...words.tokens, type: 'integer', default: 20, min: 1, max: 512, usual: { low: 4, high: 100 } },
    {
      name: 'init',
      ...words.init,
      type: 'choice',
      default: 'text',
      choices: initialisations,
      trainingOnly: true,
      advanced: true,
    },
    {
      name: 'text',
      ...words.text,
      type: 'text',
      default: DEFAULT_TEXT,
      trainingOnly: true,
      when: { parameter: 'init', is: 'text' },
    },
  ],
  mergeable: false,
  exports: ['peft'],
  tasks: ['causal-lm', 'sequence-classification'],
}

/** Prompt tuning (Lester et al. 2021): vectors in front of the input's embeddings, trained themselves. */
export const promptTuning: Method = {
  info,
  countTrainable: ({ config }, given) => (resolveValues(info, given)['tokens'] as number) * config.hiddenSize,
  apply(model, given) {
    const values = resolveValues(info, given)
    const tokens = values['tokens'] as number
    const initial = initialPrompt(model, tokens, values['init'] as Initialisation, values['text'] as string)
    return {
      info,
      ...softPrompt(tokens),
      usesSeeds: false,
      trainable: [trainablePrompt(tokens, model, initial)],
      adapter: {
        layout: 'peft',
        // With the vectors there, what they began as is of no interest; PEFT would ask for a tokenizer to say it.
        config: { peft_type: 'PROMPT_TUNING', prompt_tuning_init: 'RANDOM', ...promptFields(tokens, model.config) },
        tensors: [storedPrompt(tokens, model)],
      },
    }
  },
  fromAdapterConfig(config): ParameterValues | undefined {
    if (config['peft_type'] !== 'PROMPT_TUNING') return undefined
    return { tokens: readVirtualTokens(config) }
  },
}
