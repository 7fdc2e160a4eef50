import type { RunSpec } from '../../../../preload/contract'
import { openSafetensors } from '../../../engine/checkpoint'
import type { InitialContext } from '../../../engine/nn'
import { bringsWeight, initialiseTrainables, readAsComputed } from '../../../engine/plan'
import { createRng, deriveSeed } from '../../../engine/rng'
import { readTrainables } from '../../../engine/train'
import { fileByteSource } from '../../../files'
import { startState, type RunPaths } from '../../../runs'
import type { OpenModel } from './open-model'
import type { TuningEngine } from './tuning-engine'

export interface FirstValues {
  readonly spec: RunSpec
  readonly paths: Pick<RunPaths, 'start'>
  readonly model: OpenModel
  readonly engine: TuningEngine
}

/**
 * Gives the trained tensors the values that training starts from: those of the run or the adapter that it continues, else
 * a function of the run's seed.
 * @param again also those that the base model brings, which training has changed meanwhile
 */
export async function setFirstValues({ spec, paths, model, engine }: FirstValues, again: boolean): Promise<void> {
  if (spec.startFrom) return loadStart(startState(paths.start), engine)
  const rng = createRng(deriveSeed(spec.training.seed, 'initial weights'))
  const context: InitialContext = {
    brings: (weight) => bringsWeight(model.checkpoint, weight),
    read: readAsComputed(model.checkpoint, engine.method),
    tokenize: (text) => model.tokenizer.encode(text, { addSpecialTokens: true }),
  }
  await initialiseTrainables(engine.executor, engine.method, rng, context, again)
}

async function loadStart(path: string, { executor, method }: TuningEngine): Promise<void> {
  const source = await fileByteSource(path)
  try {
    await readTrainables(executor, method, await openSafetensors(source))
  } finally {
    await source.close()
  }
}

/**
 * The seed of the rows' order and of dropout. With one seed a run holds out the same rows as the one that it continues,
 * which keeps its measures comparable; but a few more steps on the same data are to see other rows than the first few did.
 */
export function orderSeed({ training, startFrom }: RunSpec): number {
  return startFrom ? deriveSeed(training.seed, `order after ${JSON.stringify(startFrom)}`) : training.seed
}
