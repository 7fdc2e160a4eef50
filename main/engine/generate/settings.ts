/** How the next token is chosen. */
export interface SamplingSettings {
  /** 0: always the likeliest token. */
  readonly temperature: number
  /** Only the k likeliest tokens; 0: all. */
  readonly topK: number
  /** Only the likeliest tokens that together reach this probability; 1: all. */
  readonly topP: number
  /** Above 1: tokens of the prompt and of the answer so far become less likely; 1: off. */
  readonly repetitionPenalty: number
}

export interface GenerationSettings extends SamplingSettings {
  readonly maxNewTokens: number
  /** Texts that end the answer and are not part of it. */
  readonly stop: readonly string[]
  /** Same seed, same text. */
  readonly seed: number
}
