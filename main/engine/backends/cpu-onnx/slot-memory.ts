import { GraftError } from '../../errors'
import { elements } from '../../graph'
import type { Binding, Plan, Role, RunParameters, Slot } from '../../plan'
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
  upload(name: string, data: HostArray): boolean
  /** A slot that outlives plans, whichever plan it came with; undefined for the others. */
  persistent(name: string): HostArray | undefined
  /** The whole slot as this plan sees it. */
  slot(plan: Plan, name: string): HostArray
  /** The part of a slot that a binding means. */
  view(plan: Plan, binding: Binding, parameters: RunParameters): HostArray
  release(): void
}

export function createSlotMemory(): SlotMemory {
  const arrays = new Map<string, HostArray>()
  const persistent = new Set<string>()

  const reserveSlot = (slot: Slot): boolean => {
    const before = arrays.get(slot.name)
    if (PERSISTENT[slot.role]) persistent.add(slot.name)
    if (slot.role === 'frozen' || slot.role === 'trainable') return false
    if (before && before.length >= elements(slot.shape)) return false
    arrays.set(slot.name, newArray(slot))
    return before !== undefined
  }

  const memory: SlotMemory = {
    reserve: (plan) => [...plan.slots.values()].map(reserveSlot).some(Boolean),
    upload(name, data) {
      const before = arrays.get(name)
      if (!before || persistent.has(name)) {
        arrays.set(name, data)
        persistent.add(name)
        return true
      }
      if (data.length > before.length)
        throw new GraftError(
          'shape-mismatch',
          `slot ${name}: expected at most ${before.length} values, got ${data.length}`,
        )
      before.set(data)
      return false
    },
    persistent: (name) => (persistent.has(name) ? arrays.get(name) : undefined),
    slot(plan, name) {
      const slot = plan.slots.get(name)
      const array = arrays.get(name)
      if (!slot || !array)
        throw new GraftError('invalid-argument', `slot ${name}: it has no values yet; upload it before the plan is run`)
      const length = elements(slot.shape)
      if (array.length < length)
        throw new GraftError('shape-mismatch', `slot ${name}: expected ${length} values, got ${array.length}`)
      return array.length === length ? array : array.subarray(0, length)
    },
    view(plan, { slot: name, row: given, rows }, parameters) {
      const whole = memory.slot(plan, name)
      if (given === undefined && rows === undefined) return whole
      const row = given ?? 0
      const width = whole.length / (plan.slots.get(name)?.shape[0] ?? 1)
      const start = typeof row === 'number' ? row : parameters[row.parameter]
      const end = start === undefined ? NaN : start + (rows ?? 1)
      if (start === undefined || !(start >= 0 && end * width <= whole.length))
        throw new GraftError('invalid-argument', `slot ${name}: rows ${start} to ${end} are outside of it`)
      return whole.subarray(start * width, end * width)
    },
    release: () => arrays.clear(),
  }
  return memory
}
