import { GraftError } from '../../errors'
import { elements } from '../../graph'
import {
  isFourBit,
  requireStored,
  type Binding,
  type Plan,
  type Role,
  type RunParameters,
  type Slot,
  type SlotData,
} from '../../plan'
import type { FourBitTensor } from '../../tensor'
import type { HostArray } from './host-kernels'

/** Slots whose content outlives a plan's run: one array per name. The others share one array per name between plans. */
const PERSISTENT: Readonly<Record<Role, boolean>> = {
  frozen: true,
  trainable: true,
  derived: true,
  gradient: true,
  moment: true,
  scalar: true,
  batch: false,
  activation: false,
  cache: false,
}

const newArray = (slot: Slot): HostArray => {
  const length = elements(slot.shape)
  return slot.dtype === 'i32' ? new Int32Array(length) : new Float32Array(length)
}

export interface SlotMemory {
  /** Makes room for a plan's slots; weights get theirs when they are uploaded. Returns whether arrays were replaced. */
  reserve(plan: Plan): boolean
  /** Returns whether the array behind the slot was replaced, not filled. */
  upload(name: string, data: SlotData): boolean
  /** A slot that outlives plans, whichever plan it came with; undefined for the others. */
  persistent(name: string): SlotData | undefined
  /** A quantised slot as it is held. @throws GraftError `shape-mismatch` where that is not what the plan says */
  quantised(plan: Plan, name: string): FourBitTensor
  /** The whole slot as this plan sees it. */
  slot(plan: Plan, name: string): HostArray
  /** The part of a slot that a binding means. @param numbers the whole slot, where it is quantised */
  view(plan: Plan, binding: Binding, parameters: RunParameters, numbers?: Float32Array): HostArray
  release(): void
}

export function createSlotMemory(): SlotMemory {
  const data = new Map<string, SlotData>()
  const persistent = new Set<string>()

  const reserveSlot = (slot: Slot): boolean => {
    const before = data.get(slot.name)
    if (PERSISTENT[slot.role]) persistent.add(slot.name)
    if (slot.role === 'frozen' || slot.role === 'trainable') return false
    if (before && before.length >= elements(slot.shape)) return false
    data.set(slot.name, newArray(slot))
    return before !== undefined
  }

  /** What a slot of a plan holds, as the plan says that it is stored. */
  const held = (plan: Plan, name: string): SlotData => {
    const [slot, found] = [plan.slots.get(name), data.get(name)]
    if (slot && found) return requireStored(slot, found)
    throw new GraftError('invalid-argument', `slot ${name}: it has no values yet; upload it before the plan is run`)
  }

  const memory: SlotMemory = {
    reserve: (plan) => [...plan.slots.values()].map(reserveSlot).some(Boolean),
    upload(name, given) {
      const before = data.get(name)
      if (!before || persistent.has(name) || isFourBit(given) || isFourBit(before)) {
        data.set(name, given)
        persistent.add(name)
        return true
      }
      if (given.length > before.length)
        throw new GraftError(
          'shape-mismatch',
          `slot ${name}: expected at most ${before.length} values, got ${given.length}`,
        )
      before.set(given)
      return false
    },
    persistent: (name) => (persistent.has(name) ? data.get(name) : undefined),
    quantised: (plan, name) => held(plan, name) as FourBitTensor,
    slot(plan, name) {
      const array = held(plan, name) as HostArray
      const length = elements((plan.slots.get(name) as Slot).shape)
      if (array.length < length)
        throw new GraftError('shape-mismatch', `slot ${name}: expected ${length} values, got ${array.length}`)
      return array.length === length ? array : array.subarray(0, length)
    },
    view(plan, { slot: name, row: given, rows }, parameters, numbers) {
      const whole = numbers ?? memory.slot(plan, name)
      if (given === undefined && rows === undefined) return whole
      const row = given ?? 0
      const width = whole.length / (plan.slots.get(name)?.shape[0] ?? 1)
      const start = typeof row === 'number' ? row : parameters[row.parameter]
      const end = start === undefined ? NaN : start + (rows ?? 1)
      if (start === undefined || !(start >= 0 && end * width <= whole.length))
        throw new GraftError('invalid-argument', `slot ${name}: rows ${start} to ${end} are outside of it`)
      return whole.subarray(start * width, end * width)
    },
    release: () => data.clear(),
  }
  return memory
}
