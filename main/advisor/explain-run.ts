import type { RunSpec, RunView } from '../../preload/contract'
import type { ModelDefinition } from '../engine/nn'
import { printPlan, type MemoryPart } from '../engine/plan'
import { defineFor, openBaseModel, resolveModelDir, type ModelPlaces } from '../models'
import { processMemory } from './kept-layers'
import { methodOfRun, planRun } from './plan-run'

/** A run's training step as text, and what it takes. */
export interface RunExplanation {
  /** The padded length that the plan is for: the longest that the run trains on. */
  readonly length: number
  /** Layers whose activations are kept. */
  readonly keptLayers: number
  readonly plan: string
  /** The graph of each segment. */
  readonly graphs: string
  /** Bytes by part: as the run itself forecast them, or for this plan where it has not come so far. */
  readonly memory: readonly MemoryPart[]
}

async function readDefinition({ model: ref, task }: RunSpec, places: ModelPlaces): Promise<ModelDefinition> {
  const model = await openBaseModel(resolveModelDir(ref, places))
  try {
    return defineFor(await model.config(), task)
  } finally {
    await model.close()
  }
}

/**
 * What a run computes in each step: made from its spec and the shapes of its model, of which nothing is loaded. What only
 * the worker could know (lengths, rows of a packed batch, layers kept) is taken from what it said.
 * @throws GraftError or HostError where the base model can no longer be read, or the method not be put on it
 */
export async function explainRun({ spec, prepared }: RunView, places: ModelPlaces): Promise<RunExplanation> {
  const model = await readDefinition(spec, places)
  const length = Math.max(...(prepared?.buckets ?? [methodOfRun(spec, model).lengths.row]))
  const longest = { batch: prepared?.batchRows ?? spec.training.batchSize, length }
  const keptLayers = prepared?.keptLayers ?? 0
  const plan = planRun(spec, model, { free: 0, longest, keepLayers: keptLayers }).trainingPlan({ length })
  const text = printPlan(plan)
  const graphs = printPlan(plan, { graphs: true }).slice(text.length).trim()
  return { length, keptLayers, plan: text, graphs, memory: prepared?.memory ?? processMemory([plan]) }
}
