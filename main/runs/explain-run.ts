import type { ModelRef, RunView } from '../../preload/contract'
import { findMethod } from '../engine/methods'
import { defineModel } from '../engine/models'
import type { ModelDefinition } from '../engine/nn'
import { forecastMemory, planTraining, printPlan, type Plan } from '../engine/plan'
import { openBaseModel, resolveModelDir, type ModelPlaces } from '../models'

/** A run's training step as text, and what it takes. */
export interface RunExplanation {
  /** The padded length that the plan is for: the longest that the run trains on. */
  readonly length: number
  /** Layers whose activations are kept, where the run's own forecast says how many. */
  readonly keptLayers: number
  readonly plan: string
  /** The graph of each segment. */
  readonly graphs: string
  /** Bytes by part: as the run itself forecast them, or for this plan where it has not come so far. */
  readonly memory: readonly { readonly part: string; readonly bytes: number }[]
}

async function readDefinition(ref: ModelRef, places: ModelPlaces): Promise<ModelDefinition> {
  const model = await openBaseModel(resolveModelDir(ref, places))
  try {
    return defineModel(await model.config())
  } finally {
    await model.close()
  }
}

/** Generation gets this much where the context allows; it decides the length of the rotary tables. */
const ROOM_TO_ANSWER = 2048

/** The plan of a padded length with so many layers kept, as the worker makes it. */
function planner({ spec }: RunView, model: ModelDefinition): (length: number, keepLayers: number) => Plan {
  const { batchSize: batch, betas, epsilon, weightDecay, maxGradNorm, maxLength } = spec.training
  const method = findMethod(spec.method.id).apply(model, spec.method.parameters)
  const longest = Math.min(model.config.contextLength, Math.max(ROOM_TO_ANSWER, maxLength))
  const optimiser = { betas, epsilon, weightDecay, maxGradNorm }
  return (length, keepLayers) =>
    planTraining({ model, method, maxLength: longest, batch, length, optimiser, keepLayers })
}

const sum = (parts: RunExplanation['memory']): number => parts.reduce((total, { bytes }) => total + bytes, 0)

/** How many layers a run kept is not in its log, but its forecast is; more layers always take more. */
function findKept(forecast: RunExplanation['memory'], layers: number, memoryOf: (kept: number) => number): number {
  const wanted = sum(forecast)
  for (let kept = 0; kept <= layers; kept++) if (memoryOf(kept) >= wanted) return kept
  return layers
}

/**
 * What a run computes in each step: made from its spec and the shapes of its model, of which nothing is loaded.
 * @throws GraftError or HostError where the base model can no longer be read, or the method not be put on it
 */
export async function explainRun(view: RunView, places: ModelPlaces): Promise<RunExplanation> {
  const model = await readDefinition(view.spec.model, places)
  const planOf = planner(view, model)
  const lengths = view.prepared?.buckets ?? [Math.min(view.spec.training.maxLength, model.config.contextLength)]
  const memoryOf = (kept: number) => forecastMemory(lengths.map((length) => planOf(length, kept)))
  const forecast = view.prepared?.memory
  const keptLayers = forecast ? findKept(forecast, model.config.layers, (kept) => sum(memoryOf(kept))) : 0
  const length = Math.max(...lengths)
  const plan = planOf(length, keptLayers)
  const text = printPlan(plan)
  const graphs = printPlan(plan, { graphs: true }).slice(text.length).trim()
  return { length, keptLayers, plan: text, graphs, memory: forecast ?? memoryOf(0) }
}
