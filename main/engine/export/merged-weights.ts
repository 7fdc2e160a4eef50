import type { Checkpoint } from '../checkpoint'
import type { AppliedMethod, ReadTensor } from '../nn'
import { readAsComputed } from '../plan'

/**
 * The weights that a method is folded into where it was trained on quantised ones: `dequantised` are those that it was
 * trained on, with what quantisation lost; `original` those of the base model, which the method has not met. The same
 * where nothing was quantised.
 */
export type MergeBase = 'original' | 'dequantised'

/** A base model's weights with a method folded in, made one at a time. */
export interface MergedWeights {
  /** The weight where the method changes it, as a new array; undefined where it is the base's. */
  changed(name: string): Promise<Float32Array | undefined>
  /** The weight as it is after training, as a new array. */
  values(name: string): Promise<Float32Array>
}

export interface MergeInput {
  /** The base model's weights. */
  readonly checkpoint: Pick<Checkpoint, 'has' | 'info' | 'readFloat32' | 'readFourBit'>
  readonly method: AppliedMethod
  /** Reads the method's trained tensors. */
  readonly read: ReadTensor
  /** Absent: dequantised, which answers as the trained model does. */
  readonly base?: MergeBase
}

/** Trained weights of the base itself, or what `merge` makes of them: summed in float64, rounded once. */
export function mergeWeights({ checkpoint, method, read, base = 'dequantised' }: MergeInput): MergedWeights {
  const quantised = base === 'dequantised' ? method.quantised : undefined
  const readBase = readAsComputed(checkpoint, { quantised })
  const trained = new Set(method.trainable.map(({ name }) => name))
  const readAny: ReadTensor = (name) => (trained.has(name) ? read(name) : readBase(name))
  const changed = async (name: string): Promise<Float32Array | undefined> => {
    const folded = trained.has(name) ? await read(name) : await method.merge?.(name, readAny)
    // What no adapter touches was quantised all the same.
    return folded ?? (quantised?.(name) && readBase(name))
  }
  return { changed, values: async (name) => (await changed(name)) ?? readBase(name) }
}
