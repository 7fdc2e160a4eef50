import { forecastMemory, keptBytes, planTraining, type TrainingPlanOptions } from '../../../engine/plan'

/** What the process needs besides the plan: Node.js, the native library, code, the data. */
const PROCESS_BYTES = 300e6
/** Of what is free so much stays free, so that the rest of the machine goes on working. */
const RESERVE_SHARE = 0.25
const RESERVE_BYTES = 1e9

/** @param asked the person's own limit for the process, in bytes; 0: none */
export function memoryBudget(asked: number, free: number): number {
  return asked > 0 ? asked : free - Math.max(RESERVE_BYTES, free * RESERVE_SHARE)
}

/** How many layers' activations fit into the budget beside everything else, at the longest batch of the run. */
export function layersToKeep(longest: TrainingPlanOptions, budget: number): number {
  const others = forecastMemory([planTraining({ ...longest, keepLayers: 0 })]).reduce(
    (sum, { bytes }) => sum + bytes,
    0,
  )
  const each = keptBytes(longest)
  const room = budget - others - PROCESS_BYTES
  return each > 0 ? Math.min(longest.model.config.layers, Math.max(0, Math.floor(room / each))) : 0
}
