import type { RunSpec } from '../../../../preload/contract'
import { cpuOnnxBackend } from '../../../engine/backends/cpu-onnx'
import { referenceBackend } from '../../../engine/backends/reference'
import { createGenerator, type Generator } from '../../../engine/generate'
import { disabled, findMethod } from '../../../engine/methods'
import type { AppliedMethod } from '../../../engine/nn'
import {
  loadBaseWeights,
  planEvaluation,
  planTraining,
  type Backend,
  type Executor,
  type Plan,
  type PlanShape,
} from '../../../engine/plan'
import type { Batch } from '../../../engine/text'
import type { JobContext } from '../job-context'
import { layersToKeep, memoryBudget } from './kept-layers'
import type { OpenModel } from './open-model'

export const backends: Readonly<Record<RunSpec['backend'], Backend>> = {
  'cpu-onnx': cpuOnnxBackend,
  reference: referenceBackend,
}

/** A model with its method in the memory of a device, and the plans that run on it. */
export interface TuningEngine {
  readonly method: AppliedMethod
  readonly executor: Executor
  readonly trainingPlan: (batch: Pick<Batch, 'length'>) => Plan
  readonly evaluationPlan: (batch: Pick<Batch, 'length'>) => Plan
  readonly generator: Generator
  dispose(): Promise<void>
}

const memoised = <T>(make: (length: number) => T): ((batch: { length: number }) => T) => {
  const known = new Map<number, T>()
  return ({ length }) => {
    const value = known.get(length) ?? make(length)
    known.set(length, value)
    return value
  }
}

/** Tokens that an example may have: a model knows no positions beyond its context. */
export function longestExample({ training }: RunSpec, { definition }: OpenModel): number {
  return Math.min(training.maxLength, definition.config.contextLength)
}

/** Generation gets this much where the context allows, however short the examples are. */
const ROOM_TO_ANSWER = 2048

/** Longest sequence that any plan will hold: also generation's. */
export function longestSequence({ training }: RunSpec, { definition }: OpenModel): number {
  return Math.min(definition.config.contextLength, Math.max(ROOM_TO_ANSWER, training.maxLength))
}

export interface EngineOptions {
  readonly threads: number
  /** The longest batch that will be trained on; absent where nothing is. Packed batches have fewer rows than evaluation's. */
  readonly longest?: PlanShape
  /** The method is switched off: the base model as it is. */
  readonly disabled?: boolean
}

/** Puts the method on the model, opens the device and loads the base weights. Plans are prepared by whoever runs them. */
export async function openEngine(
  spec: RunSpec,
  model: OpenModel,
  context: JobContext,
  { threads, longest, disabled: isOff = false }: EngineOptions,
): Promise<TuningEngine> {
  const { definition } = model
  const applied = findMethod(spec.method.id).apply(definition, spec.method.parameters)
  const method = isOff ? disabled(applied) : applied
  const { batchSize: batch, betas, epsilon, weightDecay, maxGradNorm } = spec.training
  const maxLength = longestSequence(spec, model)
  const shape = { model: definition, method, maxLength, batch }
  const optimiser = { betas, epsilon, weightDecay, maxGradNorm }
  const training = { ...shape, batch: longest?.batch ?? batch, optimiser }
  // Asked before the weights are loaded: they are part of the forecast.
  const budget = memoryBudget(spec.training.memoryLimit, context.freeBytes())
  const keepLayers = longest === undefined ? 0 : layersToKeep({ ...training, ...longest }, budget)
  const executor = await backends[spec.backend].open({ threads })
  try {
    await loadBaseWeights(executor, definition, model.checkpoint, maxLength, (done, total) =>
      context.emit({ type: 'stage', stage: 'load', done, total }),
    )
  } catch (error) {
    await executor.dispose()
    throw error
  }
  const generator = createGenerator({
    executor,
    model: definition,
    method,
    tokenizer: model.tokenizer,
    maxLength,
    breathe: () => context.pass(),
  })
  return {
    method,
    executor,
    trainingPlan: memoised((length) => planTraining({ ...training, length, keepLayers })),
    evaluationPlan: memoised((length) => planEvaluation({ ...shape, length })),
    generator,
    dispose: () => executor.dispose(),
  }
}
