import { writeSafetensors, type TensorFile } from '../checkpoint'
import { GraftError } from '../errors'
import type { AppliedMethod, TrainableParameter } from '../nn'
import { loadTensors, momentsOf, type Executor } from '../plan'
import type { ByteSink } from '../tensor'

const withMoments = ({ name, shape }: TrainableParameter) =>
  [name, ...momentsOf(name)].map((slot) => ({ slot, tensor: slot, shape }))

/**
 * Writes the trainable parameters and their optimiser moments in float32, exactly as they are in memory: what was
 * trained on can be trained on bit for bit.
 */
export async function writeTrainingState(executor: Executor, method: AppliedMethod, sink: ByteSink): Promise<void> {
  const slots = method.trainable.flatMap(withMoments)
  await writeSafetensors(
    sink,
    slots.map(({ slot, shape }) => ({ name: slot, dtype: 'F32', shape, data: () => executor.read(slot) })),
    { format: 'graft-training-state' },
  )
}

/** @throws GraftError `resume-impossible` where the file belongs to another run's settings */
export async function readTrainingState(executor: Executor, method: AppliedMethod, file: TensorFile): Promise<void> {
  const slots = method.trainable.flatMap(withMoments)
  if (file.names.length !== slots.length) {
    const message = `checkpoint: expected ${slots.length} tensors for these settings, got ${file.names.length}; it belongs to another run`
    throw new GraftError('resume-impossible', message)
  }
  await loadTensors(executor, file, slots)
}

/** Only the trained parameters, without the optimiser: for evaluation, samples and export. */
export async function readTrainables(executor: Executor, method: AppliedMethod, file: TensorFile): Promise<void> {
  await loadTensors(
    executor,
    file,
    method.trainable.map(({ name, shape }) => ({ slot: name, tensor: name, shape })),
  )
}
