import type { Limits } from './limits'

/** A model that goes on with texts. */
export interface Speaker {
  /**
   * Begins a new text of at most so many tokens. What comes back takes ids in, after those that it took before, and gives
   * the scores of what follows the last one, [vocabulary], as a copy.
   */
  begin(positions: number): Promise<(ids: readonly number[]) => Promise<Float32Array>>
}

/** What the trained model said after one prompt. */
export interface Recording {
  readonly prompt: readonly number[]
  /** The likeliest token at each position, from the first after the prompt. */
  readonly said: readonly number[]
  /** The scores that each was chosen by, [vocabulary]. */
  readonly scores: readonly Float32Array[]
}

/** Tokens that are said after each prompt. */
export const TOKENS_PER_PROMPT = 12

/** The likeliest token, the first one where several are equal. */
export function likeliest(scores: Float32Array): number {
  let best = 0
  for (let id = 1; id < scores.length; id++) if (scores[id]! > scores[best]!) best = id
  return best
}

/** Has a model go on with each prompt, always with the likeliest token. */
export async function record(speaker: Speaker, prompts: readonly (readonly number[])[]): Promise<Recording[]> {
  const recordings: Recording[] = []
  for (const prompt of prompts) {
    const take = await speaker.begin(prompt.length + TOKENS_PER_PROMPT)
    const [said, scores]: [number[], Float32Array[]] = [[], []]
    for (let next = prompt; said.length < TOKENS_PER_PROMPT;) {
      const row = await take(next)
      const token = likeliest(row)
      scores.push(row)
      said.push(token)
      next = [token]
    }
    recordings.push({ prompt, said, scores })
  }
  return recordings
}

/** How two models differ on the same texts. */
export interface Comparison {
  readonly positions: number
  /** Of any two logits of one token at one position. NaN counts as infinite. */
  readonly largestDifference: number
  /** The standard deviation of the trained model's logits over the vocabulary, a mean over the positions. */
  readonly spread: number
  /** Positions at which both prefer the same token. */
  readonly agreeing: number
}

function deviation(scores: Float32Array): number {
  const mean = scores.reduce((sum, value) => sum + value, 0) / scores.length
  return Math.sqrt(scores.reduce((sum, value) => sum + (value - mean) ** 2, 0) / scores.length)
}

const isFinite = (scores: Float32Array): boolean => scores.every(Number.isFinite)

function difference(a: Float32Array, b: Float32Array): number {
  if (a.length > b.length) return Infinity
  // Of a model that says no numbers, as one whose training ran away, the export must say none either.
  if (!isFinite(a)) return isFinite(b) ? Infinity : 0
  let most = 0
  // What is padded beyond the vocabulary is nobody's token.
  for (let id = 0; id < a.length; id++) {
    const apart = Math.abs(a[id]! - b[id]!)
    if (!(apart <= most)) most = Number.isNaN(apart) ? Infinity : apart
  }
  return most
}

/** Gives another model the recorded texts, token by token as they were said, and compares its scores. */
export async function compare(recordings: readonly Recording[], speaker: Speaker): Promise<Comparison> {
  let [positions, largest, spread, agreeing] = [0, 0, 0, 0]
  for (const { prompt, said, scores } of recordings) {
    const take = await speaker.begin(prompt.length + said.length)
    for (const [at, expected] of scores.entries()) {
      const got = await take(at === 0 ? prompt : [said[at - 1]!])
      largest = Math.max(largest, difference(expected, got))
      spread += isFinite(expected) ? deviation(expected) : 0
      agreeing += Number(likeliest(got) === said[at])
      positions++
    }
  }
  return { positions, largestDifference: largest, spread: spread / Math.max(1, positions), agreeing }
}

/** What of a comparison is not within the limits, as sentences; empty where all is. */
export function beyondLimits(comparison: Comparison, { difference: share, agreement }: Limits): string[] {
  const { positions, largestDifference, spread, agreeing } = comparison
  const allowed = share * spread
  const required = Math.floor(agreement * positions)
  const text = (value: number): string => String(Number(value.toPrecision(3)))
  return [
    ...(largestDifference <= allowed
      ? []
      : [`logits differ by up to ${text(largestDifference)}, expected at most ${text(allowed)}`]),
    ...(agreeing >= required
      ? []
      : [`the likeliest token is the same at ${agreeing} of ${positions} positions, expected at least ${required}`]),
  ]
}
