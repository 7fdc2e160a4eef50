export interface StepRate {
  readonly tokensPerSecond: number
  readonly secondsLeft: number
}

/** Steps that the rate is averaged over: few enough to follow a change, enough to be calm. */
const WINDOW = 10

/** Speed and time left from the time that steps took; what lies between steps (evaluation, pauses) does not count. */
export function createStepMeter(): (tokens: number, milliseconds: number, stepsLeft: number) => StepRate {
  const recent: { tokens: number; milliseconds: number }[] = []
  return (tokens, milliseconds, stepsLeft) => {
    recent.push({ tokens, milliseconds })
    if (recent.length > WINDOW) recent.shift()
    const sum = (part: 'tokens' | 'milliseconds'): number => recent.reduce((total, step) => total + step[part], 0)
    const [time, seen] = [Math.max(1, sum('milliseconds')), sum('tokens')]
    return { tokensPerSecond: (seen / time) * 1000, secondsLeft: ((time / recent.length) * stepsLeft) / 1000 }
  }
}
