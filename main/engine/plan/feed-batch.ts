import { batchSlots, type AppliedMethod, type ModelDefinition } from '../nn'
import { deriveSeed } from '../rng'
import { ignoredLabel, type Batch } from '../text'
import { TRAINED_ROWS } from './build/head'
import type { Executor, Plan, RunParameters } from './plan'

/** Rows whose label bears loss, then the others, each in their order. */
export function headOrder(labels: Int32Array): Int32Array {
  const rows = Array.from(labels.keys())
  const trained = rows.filter((row) => labels[row] !== ignoredLabel)
  return Int32Array.from([...trained, ...rows.filter((row) => labels[row] === ignoredLabel)])
}

/** Where tokens stand for the model, given where they stand in their texts. */
export function positionsFor({ positionOffset = 0 }: Plan, places: Int32Array): Int32Array {
  return positionOffset === 0 ? places : places.map((place) => place + positionOffset)
}

/** The run parameters that phases with a loss head want: how many rows of the head's order bear loss. */
export const headParameters = ({ trainedTokens }: Batch): RunParameters => ({ [TRAINED_ROWS]: trainedTokens })

/**
 * Uploads what a batch holds, for this plan to run on. Every trained token weighs `tokenWeight`: 1 / the trained tokens of the whole accumulation
 * window in training, 1 where losses are summed.
 */
export async function feedBatch(executor: Executor, plan: Plan, batch: Batch, tokenWeight: number): Promise<void> {
  const order = headOrder(batch.labels)
  const labels = order.map((row) => batch.labels[row] as number)
  const weight = Float32Array.from(labels, (label) => (label === ignoredLabel ? 0 : tokenWeight))
  await executor.upload(batchSlots.ids, batch.ids)
  await executor.upload(batchSlots.positions, positionsFor(plan, batch.positions))
  await executor.upload(batchSlots.first, batch.first)
  await executor.upload(batchSlots.last, batch.last)
  await executor.upload(batchSlots.order, order)
  await executor.upload(batchSlots.labels, labels)
  await executor.upload(batchSlots.weight, weight)
}

/** One seed a layer for this micro-batch's random masks: a function of run seed, step and micro-batch, so that a resumed run draws the same. */
export async function feedSeeds(
  executor: Executor,
  model: ModelDefinition,
  method: AppliedMethod,
  seed: number,
): Promise<void> {
  if (!method.usesSeeds) return
  const seeds = Int32Array.from({ length: model.config.layers }, (_, layer) => deriveSeed(seed, `layer ${layer}`) | 0)
  await executor.upload(batchSlots.seeds, seeds)
}
