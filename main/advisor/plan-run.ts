import type { RunSpec } from '../../preload/contract'
import { disabled, findMethod } from '../engine/methods'
import type { AppliedMethod, ModelDefinition } from '../engine/nn'
import { planEvaluation, planTraining, type Plan, type PlanShape } from '../engine/plan'
import { layersToKeep, memoryBudget } from './kept-layers'
import { runLengths, type RunLengths } from './run-lengths'

/** What of a run's spec decides its plans. */
export type PlannedSpec = Pick<RunSpec, 'method' | 'training'>

export interface PlanRunOptions {
  /** Bytes that the machine could still give, before anything is loaded. */
  readonly free: number
  /** The longest batch that will be trained on; absent where nothing is. Packed batches have fewer rows than evaluation's. */
  readonly longest?: PlanShape
  /** Where it is known already how many layers' activations are kept. */
  readonly keepLayers?: number
  /** The method is switched off: the base model as it is. */
  readonly disabled?: boolean
  /** What is on the model in place of the spec's method: an adapter that somebody else trained. */
  readonly method?: AppliedMethod
}

/** A run's method on its model, and its plans: what the worker runs and what a forecast counts. */
export interface RunPlans {
  readonly method: AppliedMethod
  readonly lengths: RunLengths
  /** Of so many layers the activations are kept. */
  readonly keepLayers: number
  readonly trainingPlan: (batch: { readonly length: number }) => Plan
  readonly evaluationPlan: (batch: { readonly length: number }) => Plan
}

const memoised = <T>(make: (length: number) => T): ((batch: { readonly length: number }) => T) => {
  const known = new Map<number, T>()
  return ({ length }) => {
    const value = known.get(length) ?? make(length)
    known.set(length, value)
    return value
  }
}

/**
 * A run's method on its model, and how long its rows may be.
 * @throws GraftError `invalid-argument` for a method, a value or a target that is not there
 */
export function methodOfRun(
  spec: PlannedSpec,
  model: ModelDefinition,
  isDisabled = false,
): Pick<RunPlans, 'method' | 'lengths'> {
  const applied = findMethod(spec.method.id).apply(model, spec.method.parameters)
  const method = isDisabled ? disabled(applied) : applied
  return { method, lengths: runLengths(spec, model, method) }
}

/**
 * Puts the method on the model and decides what the run's plans are.
 * @throws GraftError `invalid-argument` for a method, a value or a target that is not there
 */
export function planRun(spec: PlannedSpec, model: ModelDefinition, options: PlanRunOptions): RunPlans {
  const { method, lengths } = options.method
    ? { method: options.method, lengths: runLengths(spec, model, options.method) }
    : methodOfRun(spec, model, options.disabled)
  const { batchSize: batch, betas, epsilon, weightDecay, maxGradNorm, memoryLimit } = spec.training
  const shape = { model, method, maxLength: lengths.positions, batch }
  const { longest, free } = options
  // A classifier's metric is read off the logits that its loss is made of.
  const scores = model.task.kind === 'sequence-classification'
  const optimiser = { betas, epsilon, weightDecay, maxGradNorm }
  const training = { ...shape, batch: longest?.batch ?? batch, optimiser }
  const budget = memoryBudget(memoryLimit, free)
  const keepLayers =
    options.keepLayers ?? (longest === undefined ? 0 : layersToKeep({ ...training, ...longest }, budget))
  return {
    method,
    lengths,
    keepLayers,
    trainingPlan: memoised((length) => planTraining({ ...training, length, keepLayers })),
    evaluationPlan: memoised((length) => planEvaluation({ ...shape, length, scores })),
  }
}
