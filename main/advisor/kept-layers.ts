import {
  forecastMemory,
  keptBytes,
  planTraining,
  type MemoryPart,
  type Plan,
  type TrainingPlanOptions,
} from '../engine/plan'

/** What the process needs besides the plan: Node.js, the native library, code, the data. */
const PROCESS_BYTES = 270e6
/** Of what is free so much stays free, so that the rest of the machine goes on working. */
const RESERVE_SHARE = 0.25
const RESERVE_BYTES = 1e9

/** @param asked the person's own limit for the process, in bytes; 0: none */
export function memoryBudget(asked: number, free: number): number {
  return asked > 0 ? asked : free - Math.max(RESERVE_BYTES, free * RESERVE_SHARE)
}

/** What a worker that runs these plans takes, by part. */
export function processMemory(plans: readonly Plan[]): readonly MemoryPart[] {
  return [...forecastMemory(plans), { part: 'program', bytes: PROCESS_BYTES }]
}

export function sumBytes(parts: readonly MemoryPart[]): number {
  return parts.reduce((sum, { bytes }) => sum + bytes, 0)
}

/** How many layers' activations fit into the budget beside everything else, at the longest batch of the run. */
export function layersToKeep(longest: TrainingPlanOptions, budget: number): number {
  const room = budget - sumBytes(processMemory([planTraining({ ...longest, keepLayers: 0 })]))
  const each = keptBytes(longest)
  return each > 0 ? Math.min(longest.model.config.layers, Math.max(0, Math.floor(room / each))) : 0
}
