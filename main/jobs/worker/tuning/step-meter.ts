import type { StepResult } from '../../../engine/train'

export interface StepRate {
  /** Real tokens; padding is work, but nothing that anybody wanted. */
  readonly tokensPerSecond: number
  /** Those of them that bore loss. */
  readonly trainedTokensPerSecond: number
  readonly secondsLeft: number
}

type Counted = Pick<StepResult, 'tokens' | 'trainedTokens'>

/** Steps that the rate is averaged over: few enough to follow a change, enough to be calm. */
const WINDOW = 10

/** Speed and time left from the time that steps took; what lies between steps (evaluation, pauses) does not count. */
export function createStepMeter(): (step: Counted, milliseconds: number, stepsLeft: number) => StepRate {
  const recent: (Counted & { readonly milliseconds: number })[] = []
  return ({ tokens, trainedTokens }, milliseconds, stepsLeft) => {
    recent.push({ tokens, trainedTokens, milliseconds })
    if (recent.length > WINDOW) recent.shift()
    const sum = (part: keyof (typeof recent)[number]): number => recent.reduce((total, step) => total + step[part], 0)
    const seconds = Math.max(1, sum('milliseconds')) / 1000
    return {
      tokensPerSecond: sum('tokens') / seconds,
      trainedTokensPerSecond: sum('trainedTokens') / seconds,
      secondsLeft: (seconds / recent.length) * stepsLeft,
    }
  }
}
