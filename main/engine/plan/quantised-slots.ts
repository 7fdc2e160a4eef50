import { GraftError } from '../errors'
import { elements } from '../graph'
import {
  dequantiseFourBit,
  fourBitBytes,
  formatOf,
  sameFormat,
  type FourBitStorage,
  type FourBitTensor,
} from '../tensor'
import type { Plan, RunAction, Slot, SlotData } from './plan'

export const isFourBit = (data: SlotData): data is FourBitTensor => !ArrayBuffer.isView(data)

/** `nf4, blocks of 64, double quantised, computed in bf16`; `float32` for a slot that is not quantised. */
export function storageText(storage: (Omit<FourBitStorage, 'compute'> & Partial<FourBitStorage>) | undefined): string {
  if (!storage) return 'float32'
  const { type, blockSize, doubleQuantised, compute } = storage
  const double = doubleQuantised ? ', double quantised' : ''
  return `${type}, blocks of ${blockSize}${double}${compute ? `, computed in ${compute}` : ''}`
}

/**
 * What a slot holds, if it is what the plan says: weights that were loaded for one method are of no use to a method that
 * stores them otherwise.
 * @throws GraftError `shape-mismatch`
 */
export function requireStored({ name, shape, storage }: Slot, held: SlotData): SlotData {
  const found = isFourBit(held) ? formatOf(held) : undefined
  const same =
    storage && found
      ? sameFormat(storage, found) && (held as FourBitTensor).length === elements(shape)
      : storage === found
  if (same) return held
  const message = `slot ${name}: expected ${elements(shape)} numbers in ${storageText(storage)}, got ${held.length} in ${storageText(found)}; load the weights for this method`
  throw new GraftError('shape-mismatch', message, { slot: name })
}

/** The numbers of what a slot is set with: of a quantised one as they are computed with. */
export function slotNumbers(data: SlotData, storage: FourBitStorage | undefined): Float32Array | Int32Array {
  return isFourBit(data) ? dequantiseFourBit(data, new Float32Array(data.length), storage?.compute) : data
}

/** Names of the quantised slots that an action reads. */
export function quantisedInputs(plan: Plan, action: RunAction): string[] {
  const names = new Set(Object.values(action.inputs).map(({ slot }) => slot))
  return [...names].filter((name) => plan.slots.get(name)?.storage)
}

/** Bytes of a slot as an executor holds it between runs. */
export function slotBytes({ shape, storage }: Slot): number {
  return storage ? fourBitBytes(elements(shape), storage) : elements(shape) * 4
}

/**
 * Bytes for the numbers of quantised slots while a segment runs: for each size as many arrays as one segment reads slots
 * of that size.
 */
export function dequantisedBytes(plans: readonly Plan[]): number {
  const most = new Map<number, number>()
  for (const plan of plans)
    for (const action of Object.values(plan.phases).flat()) {
      if (action.do !== 'run') continue
      const sizes = quantisedInputs(plan, action).map((name) => elements(plan.slots.get(name)?.shape ?? []))
      for (const size of sizes)
        most.set(size, Math.max(most.get(size) ?? 0, sizes.filter((other) => other === size).length))
    }
  return [...most].reduce((sum, [size, count]) => sum + size * count * 4, 0)
}
