import { GraftError } from '../../errors'
import { elements } from '../../graph'
import {
  isFourBit,
  requireStored,
  slotNumbers,
  storageText,
  type Binding,
  type Plan,
  type RunParameters,
  type Slot,
  type SlotData,
} from '../../plan'
import { formatOf } from '../../tensor'
import type { Numbers } from './kernels'

/** The numbers behind slots: one array a name, as large as the largest slot of that name in any plan. */
export interface SlotMemory {
  /** Makes room for a plan's slots. What weights, gradients and moments hold is kept. */
  reserve(plan: Plan): void
  /** Sets a whole slot, as one of the plans knows it. @throws GraftError `shape-mismatch` */
  upload(name: string, data: SlotData): void
  /** The slot as this plan knows it: writing to the view writes to the memory. */
  view(plan: Plan, name: string): Numbers
  /** The rows of a slot that a binding names, as a view. @throws GraftError `invalid-argument` */
  bound(plan: Plan, binding: Binding, parameters: RunParameters): Numbers
  clear(): void
}

function fail(message: string, slot: string): never {
  throw new GraftError('invalid-argument', `reference executor: slot ${slot}: ${message}`, { slot })
}

function mismatch(slot: string, message: string): never {
  throw new GraftError('shape-mismatch', `reference executor: slot ${slot}: ${message}`, { slot })
}

function slotOf(plan: Plan, name: string): Slot {
  return plan.slots.get(name) ?? fail(`expected a slot of plan "${plan.title}", got an unknown name`, name)
}

function firstRow({ slot, row = 0 }: Binding, parameters: RunParameters): number {
  if (typeof row === 'number') return row
  return (
    parameters[row.parameter] ?? fail(`expected the run parameter ${row.parameter}, got none; pass it to run`, slot)
  )
}

export function createSlotMemory(): SlotMemory {
  const memory = new Map<string, Numbers>()
  const quantised = new Map<string, Slot>()
  const packed = new Map<string, SlotData>()
  const sizes = new Map<string, Set<number>>()

  const reserve = (plan: Plan): void => {
    for (const slot of plan.slots.values()) {
      const { name, shape, dtype } = slot
      if (slot.storage) {
        quantised.set(name, slot)
        continue
      }
      const size = elements(shape)
      sizes.set(name, (sizes.get(name) ?? new Set()).add(size))
      if ((memory.get(name)?.length ?? -1) < size)
        memory.set(name, dtype === 'i32' ? new Int32Array(size) : new Float64Array(size))
    }
  }

  const upload = (name: string, data: SlotData): void => {
    const slot = quantised.get(name)
    if (slot) return void packed.set(name, requireStored(slot, data))
    if (isFourBit(data))
      mismatch(name, `expected float32, got ${storageText(formatOf(data))}; load the weights for this method`)
    const into = memory.get(name) ?? fail('expected a slot of a prepared plan; prepare the plan before uploading', name)
    const known = [...sizes.get(name)!]
    if (!known.includes(data.length)) mismatch(name, `expected ${known.join(' or ')} numbers, got ${data.length}`)
    if (into instanceof Int32Array !== data instanceof Int32Array)
      mismatch(name, `expected ${into instanceof Int32Array ? 'i32' : 'f32'}, got ${data.constructor.name}`)
    into.set(data)
  }

  const view = (plan: Plan, name: string): Numbers => {
    const { shape, storage } = slotOf(plan, name)
    const held = packed.get(name)
    if (held) return Float64Array.from(slotNumbers(held, storage))
    const data = memory.get(name) ?? fail('expected a prepared plan; prepare it before running', name)
    return data.subarray(0, elements(shape))
  }

  const bound = (plan: Plan, binding: Binding, parameters: RunParameters): Numbers => {
    const data = view(plan, binding.slot)
    if (binding.row === undefined && binding.rows === undefined) return data
    const slotRows = slotOf(plan, binding.slot).shape[0] ?? 1
    const width = data.length / slotRows
    const [start, count] = [firstRow(binding, parameters), binding.rows ?? 1]
    if (start < 0 || start + count > slotRows)
      fail(`expected rows within 0 to ${slotRows - 1}, got ${start} to ${start + count - 1}`, binding.slot)
    return data.subarray(start * width, (start + count) * width)
  }

  const clear = (): void => {
    memory.clear()
    packed.clear()
  }

  return { reserve, upload, view, bound, clear }
}
