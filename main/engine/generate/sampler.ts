import { GraftError } from '../errors'
import type { Rng } from '../rng'
import type { SamplingSettings } from './settings'

/** Tokens that may come next, and their probabilities, which add up to 1. */
export interface Distribution {
  readonly ids: readonly number[]
  readonly probabilities: readonly number[]
}

/**
 * Divides the positive logits of `seen` ids by the penalty and multiplies the negative ones, in a copy. Each id counts
 * once, however often it was said (CTRL, Keskar et al. 2019, section 4.1; transformers' repetition penalty).
 */
export function penalise(logits: Float32Array, seen: ReadonlySet<number>, penalty: number): Float32Array {
  if (penalty === 1) return logits
  const changed = logits.slice()
  for (const id of seen) {
    const logit = logits[id]
    if (logit !== undefined) changed[id] = logit < 0 ? logit * penalty : logit / penalty
  }
  return changed
}

/** The likeliest id, the first one where several are equal. @throws GraftError `generation-failed` where all are NaN */
export function argmax(logits: ArrayLike<number>): number {
  let best = -1
  for (let id = 0; id < logits.length; id++)
    if ((logits[id] as number) > (best < 0 ? -Infinity : (logits[best] as number))) best = id
  if (best < 0) throw notFinite()
  return best
}

/** The k-th largest value, k from 1 (quickselect, Hoare 1961): a vocabulary is too large to be sorted for every token. */
function kthLargest(values: Float32Array, k: number): number {
  const a = values.slice()
  const at = (i: number): number => a[i] as number
  let [low, high] = [0, a.length - 1]
  while (low < high) {
    const pivot = at((low + high) >>> 1)
    let [i, j] = [low, high]
    while (i <= j) {
      while (at(i) > pivot) i++
      while (at(j) < pivot) j--
      if (i > j) break
      const swapped = at(i)
      a[i++] = at(j)
      a[j--] = swapped
    }
    if (k - 1 <= j) high = j
    else if (k - 1 >= i) low = i
    else break
  }
  return at(k - 1)
}

/** exp((logit − largest) / temperature) of the ids whose logit is at least `floor`, divided by their sum. */
function softmax(logits: Float32Array, temperature: number, floor: number): Distribution {
  const largest = logits[argmax(logits)] as number
  const ids: number[] = []
  const masses: number[] = []
  let total = 0
  for (let id = 0; id < logits.length; id++) {
    const logit = logits[id] as number
    if (!(logit >= floor)) continue
    const mass = Math.exp((logit - largest) / temperature)
    ids.push(id)
    masses.push(mass)
    total += mass
  }
  if (!(total > 0 && total < Infinity)) throw notFinite()
  return { ids, probabilities: masses.map((mass) => mass / total) }
}

/** The smallest set of the likeliest ids that reaches `topP`, likeliest first (Holtzman et al. 2019, section 3.1). */
function nucleus({ ids, probabilities }: Distribution, topP: number): Distribution {
  // All that are less likely than this would together not bring the rest below topP: they need not be sorted.
  const floor = (1 - topP) / ids.length
  const order = [...ids.keys()].filter((i) => (probabilities[i] as number) >= floor)
  order.sort((a, b) => (probabilities[b] as number) - (probabilities[a] as number) || a - b)
  let reached = 0
  let count = 0
  while (count < order.length && (count === 0 || reached < topP))
    reached += probabilities[order[count++] as number] as number
  const kept = order.slice(0, count)
  return {
    ids: kept.map((i) => ids[i] as number),
    probabilities: kept.map((i) => (probabilities[i] as number) / reached),
  }
}

/**
 * Temperature, then top-k, then top-p, as transformers orders them. Ids whose logit equals the k-th largest all stay.
 * @param settings with a temperature above 0
 * @throws GraftError `generation-failed` where logits are not finite
 */
export function distributionOf(
  logits: Float32Array,
  { temperature, topK, topP }: Pick<SamplingSettings, 'temperature' | 'topK' | 'topP'>,
): Distribution {
  const isCut = topK > 0 && topK < logits.length
  const all = softmax(logits, temperature, isCut ? kthLargest(logits, topK) : -Infinity)
  return topP < 1 ? nucleus(all, topP) : all
}

/** Draws an id. Rounding may leave the sum a little short of 1: the last id takes the rest. */
export function draw({ ids, probabilities }: Distribution, rng: Rng): number {
  let left = rng.next()
  for (const [i, id] of ids.entries()) {
    left -= probabilities[i] as number
    if (left < 0) return id
  }
  return ids.at(-1) as number
}

/** The next id: penalty, then the likeliest one at temperature 0, or one drawn from what temperature, top-k and top-p leave. */
export function sampleToken(
  logits: Float32Array,
  seen: ReadonlySet<number>,
  settings: SamplingSettings,
  rng: Rng,
): number {
  const penalised = penalise(logits, seen, settings.repetitionPenalty)
  return settings.temperature > 0 ? draw(distributionOf(penalised, settings), rng) : argmax(penalised)
}

function notFinite(): GraftError {
  const message =
    'generation: expected finite logits, got none; the weights are broken: train again with a lower learning rate'
  return new GraftError('generation-failed', message)
}
