import type { Checkpoint } from '../checkpoint'
import type { AppliedMethod, ReadTensor } from '../nn'

/** A base model's weights with a method folded in, made one at a time. */
export interface MergedWeights {
  /** The weight where the method changes it, as a new array; undefined where it is the base's. */
  changed(name: string): Promise<Float32Array | undefined>
  /** The weight as it is after training, as a new array. */
  values(name: string): Promise<Float32Array>
}

export interface MergeInput {
  /** The base model's weights. */
  readonly checkpoint: Pick<Checkpoint, 'readFloat32'>
  readonly method: AppliedMethod
  /** Reads the method's trained tensors. */
  readonly read: ReadTensor
}

/** Trained weights of the base itself, or what `merge` makes of them: summed in float64, rounded once. */
export function mergeWeights({ checkpoint, method, read }: MergeInput): MergedWeights {
  const trained = new Set(method.trainable.map(({ name }) => name))
  const readAny: ReadTensor = (name) => (trained.has(name) ? read(name) : checkpoint.readFloat32(name))
  const changed = async (name: string): Promise<Float32Array | undefined> =>
    trained.has(name) ? read(name) : method.merge?.(name, readAny)
  return { changed, values: async (name) => (await changed(name)) ?? checkpoint.readFloat32(name) }
}
