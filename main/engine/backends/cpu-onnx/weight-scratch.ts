import { elements } from '../../graph'
import { quantisedInputs, type Plan, type RunAction, type Slot } from '../../plan'
import { dequantiseFourBit, type FourBitTensor } from '../../tensor'

/** Arrays that quantised weights are dequantised into while a segment runs. All segments share them. */
export interface WeightScratch {
  /** The array of each quantised slot that an action reads; always the same ones for an action. */
  of(plan: Plan, action: RunAction): ReadonlyMap<string, Float32Array>
  /** Fills an action's arrays, less those that already hold what they should. */
  fill(plan: Plan, action: RunAction, weightOf: (name: string) => FourBitTensor): void
  release(): void
}

/** One array for each size and each place among an action's slots of that size. */
export function createWeightScratch(): WeightScratch {
  const bySize = new Map<number, Float32Array[]>()
  const holds = new Map<Float32Array, { readonly weight: FourBitTensor; readonly compute: string }>()
  let assigned = new WeakMap<RunAction, ReadonlyMap<string, Float32Array>>()

  const assign = (plan: Plan, action: RunAction): ReadonlyMap<string, Float32Array> => {
    const taken = new Map<number, number>()
    const entries = quantisedInputs(plan, action).map((name): [string, Float32Array] => {
      const size = elements((plan.slots.get(name) as Slot).shape)
      const arrays = bySize.get(size) ?? []
      const place = taken.get(size) ?? 0
      const array = arrays[place] ?? new Float32Array(size)
      arrays[place] = array
      bySize.set(size, arrays)
      taken.set(size, place + 1)
      return [name, array]
    })
    return new Map(entries)
  }

  const of = (plan: Plan, action: RunAction): ReadonlyMap<string, Float32Array> => {
    const known = assigned.get(action) ?? assign(plan, action)
    assigned.set(action, known)
    return known
  }

  return {
    of,
    fill(plan, action, weightOf) {
      for (const [name, array] of of(plan, action)) {
        const weight = weightOf(name)
        const compute = plan.slots.get(name)?.storage?.compute ?? 'f32'
        const held = holds.get(array)
        // The last layer of a forward pass is the first of the backward pass.
        if (held?.weight === weight && held.compute === compute) continue
        dequantiseFourBit(weight, array, compute)
        holds.set(array, { weight, compute })
      }
    },
    release() {
      bySize.clear()
      holds.clear()
      assigned = new WeakMap()
    },
  }
}
