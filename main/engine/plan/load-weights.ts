import { GraftError } from '../errors'
import { sameShape, shapeText } from '../graph'
import type { AppliedMethod, InitialContext, ModelDefinition, WeightSpec } from '../nn'
import type { Rng } from '../rng'
import type { Executor } from './plan'
import { readStored, type Weights } from './stored-weights'

export interface LoadOptions {
  /** How the method that will run stores a base weight. */
  readonly quantised?: AppliedMethod['quantised'] | undefined
  readonly onProgress?: (done: number, total: number) => void
}

/** @throws GraftError `checkpoint-mismatch` where a weight is missing or shaped otherwise than the config says */
function checkWeight(checkpoint: Weights, { name, shape }: WeightSpec): void {
  if (!checkpoint.has(name)) {
    const message = `model weights: expected a tensor ${name}, got none; config.json and the weight files do not belong together`
    throw new GraftError('checkpoint-mismatch', message, { tensor: name })
  }
  const found = checkpoint.info(name).shape
  if (sameShape(found, shape)) return
  const message = `model weights: ${name}: expected shape ${shapeText(shape)} from config.json, got ${shapeText(found)}; the files do not belong together`
  throw new GraftError('checkpoint-mismatch', message, { tensor: name })
}

/** Whether a checkpoint has a weight, in the shape that is wanted. */
export function bringsWeight(checkpoint: Pick<Weights, 'has' | 'info'>, { name, shape }: WeightSpec): boolean {
  return checkpoint.has(name) && sameShape(checkpoint.info(name).shape, shape)
}

/** The weights that a checkpoint must have, and those that it may have and does. */
const wantedOf = ({ weights }: ModelDefinition, checkpoint: Weights): WeightSpec[] =>
  weights.filter((spec) => !spec.optional || bringsWeight(checkpoint, spec))

/** Checks every weight's name and shape against the config, reading headers only. */
export function checkWeights(model: ModelDefinition, checkpoint: Weights): void {
  for (const spec of wantedOf(model, checkpoint)) checkWeight(checkpoint, spec)
}

/**
 * Fills the slots of the base model, one tensor at a time, each in the form in which the method holds it: at no moment are
 * two copies of the model in memory.
 */
export async function loadBaseWeights(
  executor: Executor,
  model: ModelDefinition,
  checkpoint: Weights,
  maxLength: number,
  { quantised, onProgress }: LoadOptions = {},
): Promise<void> {
  checkWeights(model, checkpoint)
  const brought = wantedOf(model, checkpoint)
  for (const [i, { name }] of brought.entries()) {
    onProgress?.(i, brought.length)
    await executor.upload(name, await readStored(checkpoint, name, quantised?.(name)))
  }
  for (const constant of model.constants(maxLength)) await executor.upload(constant.name, constant.make())
}

/**
 * Gives every trainable tensor its first values, in the method's order: one seed, one initialisation. Before training, or
 * later to ask how the untrained model does.
 * @param again also the base model's own tensors, which training has changed meanwhile
 */
export async function initialiseTrainables(
  executor: Executor,
  method: AppliedMethod,
  rng: Rng,
  context: InitialContext,
  again = false,
): Promise<void> {
  for (const { name, initial } of method.trainable) {
    if (initial !== 'checkpoint') await executor.upload(name, await initial(rng, context))
    else if (again) await executor.upload(name, await context.read(name))
  }
}

/** Sets tensors from a file, by slot name: an adapter or a training checkpoint. */
export async function loadTensors(
  executor: Executor,
  file: Weights,
  names: Iterable<{ slot: string; tensor: string; shape: readonly number[] }>,
): Promise<void> {
  for (const { slot, tensor, shape } of names) {
    checkWeight(file, { name: tensor, shape })
    await executor.upload(slot, await file.readFloat32(tensor))
  }
}
