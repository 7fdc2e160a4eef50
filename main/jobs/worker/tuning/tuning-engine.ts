import type { RunSpec } from '../../../../preload/contract'
import { planRun, type PlanRunOptions, type RunPlans } from '../../../advisor'
import { cpuOnnxBackend } from '../../../engine/backends/cpu-onnx'
import { referenceBackend } from '../../../engine/backends/reference'
import { createGenerator, type Generator } from '../../../engine/generate'
import { loadBaseWeights, type Backend, type Executor } from '../../../engine/plan'
import type { JobContext } from '../job-context'
import type { OpenModel } from './open-model'

export const backends: Readonly<Record<RunSpec['backend'], Backend>> = {
  'cpu-onnx': cpuOnnxBackend,
  reference: referenceBackend,
}

/** A model with its method in the memory of a device, and the plans that run on it. */
export interface TuningEngine extends RunPlans {
  readonly executor: Executor
  readonly generator: Generator
  dispose(): Promise<void>
}

export interface EngineOptions extends Omit<PlanRunOptions, 'free'> {
  readonly threads: number
}

/** Puts the method on the model, opens the device and loads the base weights. Plans are prepared by whoever runs them. */
export async function openEngine(
  spec: RunSpec,
  model: OpenModel,
  context: JobContext,
  { threads, ...options }: EngineOptions,
): Promise<TuningEngine> {
  const { definition } = model
  // Asked before the weights are loaded: they are part of the forecast.
  const plans = planRun(spec, definition, { ...options, free: context.freeBytes() })
  const maxLength = plans.lengths.positions
  const executor = await backends[spec.backend].open({ threads })
  try {
    await loadBaseWeights(executor, definition, model.checkpoint, maxLength, {
      quantised: plans.method.quantised,
      onProgress: (done, total) => context.emit({ type: 'stage', stage: 'load', done, total }),
    })
  } catch (error) {
    await executor.dispose()
    throw error
  }
  const generator = createGenerator({
    executor,
    model: definition,
    method: plans.method,
    tokenizer: model.tokenizer,
    maxLength,
    breathe: () => context.pass(),
  })
  return { ...plans, executor, generator, dispose: () => executor.dispose() }
}
