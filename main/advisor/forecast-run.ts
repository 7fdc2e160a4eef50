import type { Forecast, RunSpec } from '../../preload/contract'
import { countParameters } from '../engine/models'
import type { AppliedMethod } from '../engine/nn'
import { heldOutCount } from '../engine/text'
import { elementCount } from '../engine/tensor'
import { findRemedies } from './find-remedies'
import { memoryBudget, sumBytes } from './kept-layers'
import { planRun, type PlannedSpec } from './plan-run'
import { batchLength, runMemory, type RunFacts } from './run-facts'

export function countTrainable({ trainable }: Pick<AppliedMethod, 'trainable'>): number {
  return trainable.reduce((sum, { shape }) => sum + elementCount(shape), 0)
}

function countSteps({ steps, epochs, batchSize, accumulation }: RunSpec['training'], trainRows: number): number {
  const perEpoch = Math.max(1, Math.ceil(Math.ceil(trainRows / batchSize) / accumulation))
  return steps ?? Math.max(1, Math.ceil(epochs * perEpoch))
}

function fitOf(bytes: number, free: number, { memoryLimit }: RunSpec['training']): Forecast['fit'] {
  if (bytes <= memoryBudget(memoryLimit, free)) return 'fits'
  return memoryLimit === 0 && bytes <= free ? 'tight' : 'too-large'
}

/** An adapter is written in float32; of a network that makes one only what it makes. Undefined where there is none. */
const adapterBytes = ({ adapter }: AppliedMethod): number | undefined =>
  adapter?.tensors.reduce((sum, { shape }) => sum + 4 * elementCount(shape), 0)

/**
 * What a run will cost, from its spec, the shapes of its model and the lengths of its rows: nothing is loaded. The plans
 * are those that the worker makes.
 * @param free bytes that the machine could give
 * @throws GraftError `invalid-argument` for a method, a value or a target that is not there
 */
export function forecastRun(spec: PlannedSpec, facts: RunFacts, free: number): Forecast {
  const { model, rows, longestRow, sawAllRows, modelBytes } = facts
  const length = batchLength(spec, facts)
  const plans = planRun(spec, model, { free, longest: { batch: spec.training.batchSize, length } })
  const memory = runMemory(plans, length)
  const fit = fitOf(sumBytes(memory), free, spec.training)
  const trainRows = rows - (facts.heldOut ?? heldOutCount(rows, spec.training.validationShare))
  const trainableParameters = countTrainable(plans.method)
  return {
    parameters: countParameters(model),
    trainableParameters,
    steps: countSteps(spec.training, trainRows),
    trainRows,
    longestRow,
    batchLength: length,
    sawAllRows,
    layers: model.config.layers,
    keptLayers: plans.keepLayers,
    memory: [...memory],
    free,
    budget: memoryBudget(spec.training.memoryLimit, free),
    fit,
    remedies: fit === 'fits' ? [] : findRemedies(spec, facts, free),
    resultBytes: adapterBytes(plans.method) ?? modelBytes,
  }
}
