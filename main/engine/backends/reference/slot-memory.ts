import { GraftError } from '../../errors'
import { elements } from '../../graph'
import {
  requireStored,
  slotNumbers,
  type Binding,
  type Plan,
  type RunParameters,
  type Slot,
  type SlotData,
} from '../../plan'
import type { Numbers } from './kernels'

/** The numbers behind slots: one array a name, as large as the largest slot of that name in any plan. */
export interface SlotMemory {
  /** Makes room for a plan's slots. What weights, gradients and moments hold is kept. */
  reserve(plan: Plan): void
  /**
   * Sets a whole slot, as one of the plans knows it. A quantised one is held as the numbers that it is computed with.
   * @throws GraftError `shape-mismatch`
   */
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
  const sizes = new Map<string, Set<number>>()
  const known = new Map<string, Slot>()

  const reserve = (plan: Plan): void => {
    for (const slot of plan.slots.values()) {
      const { name, shape, dtype } = slot
      const size = elements(shape)
      known.set(name, slot)
      sizes.set(name, (sizes.get(name) ?? new Set()).add(size))
      if ((memory.get(name)?.length ?? -1) < size)
        memory.set(name, dtype === 'i32' ? new Int32Array(size) : new Float64Array(size))
    }
  }

  const upload = (name: string, given: SlotData): void => {
    const into = memory.get(name) ?? fail('expected a slot of a prepared plan; prepare the plan before uploading', name)
    const slot = known.get(name)!
    const data = slotNumbers(requireStored(slot, given), slot.storage)
    const lengths = [...sizes.get(name)!]
    if (!lengths.includes(data.length)) mismatch(name, `expected ${lengths.join(' or ')} numbers, got ${data.length}`)
    if (into instanceof Int32Array !== data instanceof Int32Array)
      mismatch(name, `expected ${into instanceof Int32Array ? 'i32' : 'f32'}, got ${data.constructor.name}`)
    into.set(data)
  }

  const view = (plan: Plan, name: string): Numbers => {
    const data = memory.get(name) ?? fail('expected a prepared plan; prepare it before running', name)
    return data.subarray(0, elements(slotOf(plan, name).shape))
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

  return { reserve, upload, view, bound, clear: () => memory.clear() }
}
