import type { ModelDefinition } from '../engine/nn'
import type { MemoryPart } from '../engine/plan'
import { LENGTH_GRAIN } from '../engine/text'
import { processMemory } from './kept-layers'
import { methodOfRun, type PlannedSpec, type RunPlans } from './plan-run'

/** What must be known of a model and its data to say what a run costs. */
export interface RunFacts {
  readonly model: ModelDefinition
  /** Bytes of the base model's weights as an export would write them. */
  readonly modelBytes: number
  /** Usable rows of the dataset. */
  readonly rows: number
  /** Of these so many are held out, where a column or another dataset says so. */
  readonly heldOut?: number | undefined
  /** Tokens of the longest row that was looked at, before it is shortened. */
  readonly longestRow: number
  readonly sawAllRows: boolean
}

/** Tokens, with padding, of a row in the longest batch that the run can meet; packed rows are no more in sum. */
export function batchLength(spec: PlannedSpec, { model, longestRow }: Pick<RunFacts, 'model' | 'longestRow'>): number {
  const { row, virtualTokens } = methodOfRun(spec, model).lengths
  return Math.min(row, Math.ceil((virtualTokens + longestRow) / LENGTH_GRAIN) * LENGTH_GRAIN)
}

/** What the worker will take at its longest batch, by part: the longest of a run's plans needs what all need. */
export function runMemory(plans: RunPlans, length: number): readonly MemoryPart[] {
  return processMemory([plans.trainingPlan({ length })])
}
