import type { Device } from './device'
import { usage } from './slot-buffers'

/** Working memory that all segments share, by number: a buffer is as large as any of them needs it. */
export interface ScratchBuffers {
  /** Returns whether buffers were replaced by larger ones. */
  reserve(sizes: readonly number[]): boolean
  buffer(index: number): GPUBuffer
}

export function createScratchBuffers({ gpu }: Device): ScratchBuffers {
  const buffers: GPUBuffer[] = []
  const reserveOne = (bytes: number, index: number): boolean => {
    const before = buffers[index]
    if (before && before.size >= bytes) return false
    before?.destroy()
    buffers[index] = gpu.createBuffer({ label: `scratch ${index}`, size: bytes, usage: usage.storage })
    return before !== undefined
  }
  return {
    reserve: (sizes) => sizes.map(reserveOne).some(Boolean),
    buffer: (index) => buffers[index] as GPUBuffer,
  }
}
