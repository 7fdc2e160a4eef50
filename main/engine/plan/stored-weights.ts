import type { TensorFile } from '../checkpoint'
import type { AppliedMethod } from '../nn'
import { formatOf, quantiseFourBit, sameFormat, type FourBitStorage } from '../tensor'
import type { SlotData } from './plan'
import { slotNumbers } from './quantised-slots'

/** A file of weights, as far as loading a model needs it. */
export type Weights = Pick<TensorFile, 'has' | 'info' | 'readFloat32' | 'readFourBit'>

/**
 * A base weight in the form in which it is held in memory. Where the file holds it in the same 4-bit format, its bytes are
 * taken over: quantising what was quantised could only lose.
 */
export async function readStored(file: Weights, name: string, storage: FourBitStorage | undefined): Promise<SlotData> {
  if (!storage) return file.readFloat32(name)
  const stored = await file.readFourBit?.(name)
  if (stored && sameFormat(formatOf(stored), storage)) return stored
  return quantiseFourBit(await file.readFloat32(name), storage)
}

/** The base weights as a method computes with them: what was lost to quantisation is lost here too. */
export function readAsComputed(
  file: Weights,
  { quantised }: { readonly quantised?: AppliedMethod['quantised'] | undefined },
): (name: string) => Promise<Float32Array> {
  return async (name) => {
    const storage = quantised?.(name)
    return slotNumbers(await readStored(file, name, storage), storage) as Float32Array
  }
}
