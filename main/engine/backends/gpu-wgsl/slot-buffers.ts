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
import type { Device } from './device'

/** GPUBufferUsage and GPUMapMode: the library has them as objects that it does not export by name. */
export const usage = { mapRead: 0x1, copySource: 0x4, copyTarget: 0x8, uniform: 0x40, storage: 0x80 } as const

/** Where rows of a slot begin, in elements: known, or so many times a run parameter. */
export interface Start {
  readonly slot: string
  readonly width: number
  /** How many rows are meant, and how many the slot has. */
  readonly rows: number
  readonly slotRows: number
  readonly row: number | { readonly parameter: string }
}

/** The buffers behind slots: one a name, as large as the largest slot of that name in any plan. */
export interface SlotBuffers {
  /** Makes room for a plan's slots. Returns whether buffers were replaced by larger ones. */
  reserve(plan: Plan): boolean
  /** Sets a whole slot. A quantised one is held in float32 here: no kernel reads 4 bits. */
  upload(name: string, data: SlotData): void
  buffer(name: string): GPUBuffer
  /** Copies a slot, as this plan knows it, out of the device. */
  read(plan: Plan, name: string): Promise<Float32Array>
  release(): void
}

function fail(code: 'invalid-argument' | 'shape-mismatch' | 'unsupported', slot: string, message: string): never {
  throw new GraftError(code, `gpu-wgsl: slot ${slot}: ${message}`, { slot })
}

const slotOf = (plan: Plan, name: string): Slot =>
  plan.slots.get(name) ?? fail('invalid-argument', name, `expected a slot of plan "${plan.title}", got an unknown name`)

/** Where a binding begins; undefined where it is the whole slot. @throws GraftError `invalid-argument` */
export function startOf(plan: Plan, { slot, row, rows }: Binding): Start | undefined {
  if (row === undefined && rows === undefined) return undefined
  const { shape } = slotOf(plan, slot)
  const slotRows = shape[0] ?? 1
  const start = { slot, width: elements(shape) / slotRows, rows: rows ?? 1, slotRows, row: row ?? 0 }
  if (typeof start.row === 'number') startElement(start, {})
  return start
}

/** The first element, for the parameters of a run. @throws GraftError `invalid-argument` */
export function startElement({ slot, width, rows, slotRows, row }: Start, parameters: RunParameters): number {
  const first = typeof row === 'number' ? row : parameters[row.parameter]
  if (first === undefined && typeof row === 'object')
    fail('invalid-argument', slot, `expected the run parameter ${row.parameter}, got none; pass it to run`)
  if (first === undefined || !(first >= 0 && first + rows <= slotRows))
    fail(
      'invalid-argument',
      slot,
      `expected rows within 0 to ${slotRows - 1}, got ${first} to ${(first ?? 0) + rows - 1}`,
    )
  return first * width
}

export function createSlotBuffers({ gpu, checked }: Device): SlotBuffers {
  const buffers = new Map<string, GPUBuffer>()
  const sizes = new Map<string, Map<number, Slot['dtype']>>()
  const known = new Map<string, Slot>()

  const reserveSlot = (slot: Slot): boolean => {
    const { name, shape, dtype } = slot
    known.set(name, slot)
    const bytes = elements(shape) * 4
    const limit = gpu.limits.maxStorageBufferBindingSize
    if (bytes > limit)
      fail('unsupported', name, `expected at most ${limit} bytes in one piece, got ${bytes}; train on the CPU`)
    sizes.set(name, (sizes.get(name) ?? new Map<number, Slot['dtype']>()).set(elements(shape), dtype))
    const before = buffers.get(name)
    if (before && before.size >= bytes) return false
    before?.destroy()
    const use = usage.storage | usage.copySource | usage.copyTarget
    buffers.set(name, gpu.createBuffer({ label: name, size: bytes, usage: use }))
    return before !== undefined
  }

  const bufferOf = (name: string): GPUBuffer =>
    buffers.get(name) ?? fail('invalid-argument', name, 'expected a slot of a prepared plan; prepare the plan first')

  return {
    reserve: (plan) => [...plan.slots.values()].map(reserveSlot).some(Boolean),
    buffer: bufferOf,
    upload(name, given) {
      const buffer = bufferOf(name)
      const slot = known.get(name) as Slot
      const data = slotNumbers(requireStored(slot, given), slot.storage)
      const lengths = sizes.get(name) as Map<number, Slot['dtype']>
      const dtype = lengths.get(data.length)
      const got = data instanceof Int32Array ? 'i32' : 'f32'
      if (!dtype)
        fail('shape-mismatch', name, `expected ${[...lengths.keys()].join(' or ')} numbers, got ${data.length}`)
      if (dtype !== got) fail('shape-mismatch', name, `expected ${dtype}, got ${data.constructor.name}`)
      gpu.queue.writeBuffer(buffer, 0, data as Float32Array<ArrayBuffer> | Int32Array<ArrayBuffer>)
    },
    read: (plan, name) =>
      checked(`reading ${name}`, async () => {
        const size = elements(slotOf(plan, name).shape) * 4
        const staging = gpu.createBuffer({ size, usage: usage.mapRead | usage.copyTarget })
        const encoder = gpu.createCommandEncoder()
        encoder.copyBufferToBuffer(bufferOf(name), 0, staging, 0, size)
        gpu.queue.submit([encoder.finish()])
        await staging.mapAsync(usage.mapRead)
        const values = new Float32Array(staging.getMappedRange().slice(0))
        staging.destroy()
        return values
      }),
    release() {
      for (const buffer of buffers.values()) buffer.destroy()
      buffers.clear()
    },
  }
}
