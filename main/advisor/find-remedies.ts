import type { Remedy } from '../../preload/contract'
import { methodInfos } from '../engine/methods'
import { memoryBudget, sumBytes } from './kept-layers'
import { planRun, type PlannedSpec } from './plan-run'
import { batchLength, runMemory, type RunFacts } from './run-facts'

/** Shorter than this a row says nothing. */
const shortestLength = 32

const withTraining = (spec: PlannedSpec, part: Partial<PlannedSpec['training']>): PlannedSpec => ({
  ...spec,
  training: { ...spec.training, ...part },
})

/**
 * The last of ascending candidates that passes, where all before one that passes do so too. A trial builds a plan, so
 * they are few: at most log₂ n and, where the first guess is right, two.
 */
function lastPassing(
  candidates: readonly number[],
  passes: (candidate: number) => boolean,
  guess = candidates.length >> 1,
): number | undefined {
  let [low, high] = [-1, candidates.length - 1]
  for (let next = Math.min(guess, high); low < high;) {
    if (passes(candidates[next] as number)) low = next
    else high = next - 1
    // Beside a guess that passed, then in the middle of what is left.
    next = low === guess ? low + 1 : Math.ceil((low + high) / 2)
  }
  return candidates[low]
}

/** Lengths below this one, four an octave, ascending: round numbers, as a person would choose them. */
function shorterLengths(length: number): number[] {
  const lengths: number[] = []
  for (let at = shortestLength; at < length; at += 2 ** Math.floor(Math.log2(at)) / 4) lengths.push(at)
  return lengths
}

/**
 * Single changes with which a run that does not fit would: the largest smaller batch, the longest shorter length, and
 * another method where neither helps. (Recomputing activations is no choice: it is done wherever memory is short.)
 */
export function findRemedies(spec: PlannedSpec, facts: RunFacts, free: number): Remedy[] {
  const budget = memoryBudget(spec.training.memoryLimit, free)
  // Without a longest batch no layer's activations are kept: the least that a run can take.
  const least = (changed: PlannedSpec): number =>
    sumBytes(runMemory(planRun(changed, facts.model, { free }), batchLength(changed, facts)))
  const fits = (changed: PlannedSpec): boolean => least(changed) <= budget
  const batchSize = largestBatch(spec.training.batchSize, budget, (value) =>
    least(withTraining(spec, { batchSize: value })),
  )
  const shorter = shorterLengths(batchLength(spec, facts))
  const maxLength = lastPassing(shorter, (value) => fits(withTraining(spec, { maxLength: value })))
  const remedies: Remedy[] = []
  if (batchSize !== undefined) remedies.push({ setting: 'batchSize', value: batchSize })
  if (maxLength !== undefined) remedies.push({ setting: 'maxLength', value: maxLength })
  if (remedies.length > 0) return remedies
  const others = methodInfos.map(({ id }) => id).filter((id) => id !== spec.method.id)
  const method = others.find((id) => fits({ ...spec, method: { id, parameters: {} } }))
  return method === undefined ? [] : [{ setting: 'method', value: method }]
}

/** The largest batch below `size` within the budget. Memory grows almost evenly with it, so two sizes tell where to look. */
function largestBatch(size: number, budget: number, bytes: (batchSize: number) => number): number | undefined {
  if (size === 1) return undefined
  const [one, now] = [bytes(1), bytes(size)]
  if (one > budget) return undefined
  const smaller = Array.from({ length: size - 1 }, (_, i) => i + 1)
  const guess = Math.floor(((budget - one) * (size - 1)) / (now - one))
  return lastPassing(smaller, (value) => value === 1 || bytes(value) <= budget, Math.min(guess, size - 2))
}
