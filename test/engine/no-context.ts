import type { InitialContext } from '../../main/engine/nn'

/** For methods whose first values need neither the base model nor its tokenizer. */
export const noContext: InitialContext = {
  brings: () => false,
  read: (weight) => Promise.reject(new Error(`nobody expected ${weight} to be read`)),
  tokenize: (text) => {
    throw new Error(`nobody expected "${text}" to be tokenized`)
  },
}
