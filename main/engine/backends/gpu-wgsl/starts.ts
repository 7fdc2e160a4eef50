import type { RunParameters } from '../../plan'
import type { Device } from './device'
import { startVectors } from './program/kernel'
import { startElement, usage, type Start } from './slot-buffers'

export interface StartUniform {
  readonly buffer: GPUBuffer
  /** Where a start depends on the run: writes it, before the run is submitted. */
  readonly write?: (parameters: RunParameters) => void
}

/**
 * Where operands begin in their buffers. A binding's own offset will not do: it must be a multiple of 256 bytes, and must
 * be known when the bind group is made. As a uniform it is neither part of the shader's text nor of the bind group.
 */
export interface Starts {
  /** One uniform for all dispatches whose operands begin at the same places: the chunks of one size, every layer's cache. */
  of(starts: readonly (Start | undefined)[]): StartUniform
}

const identity = (start: Start | undefined): string => {
  if (!start) return ''
  const { row, rows, width, slotRows } = start
  return typeof row === 'number' ? `${row * width}` : `${row.parameter} ${width} ${rows} ${slotRows}`
}

export function createStarts({ gpu }: Device): Starts {
  const uniforms = new Map<string, StartUniform>()

  const create = (starts: readonly (Start | undefined)[]): StartUniform => {
    const bytes = startVectors(starts.length) * 16
    const buffer = gpu.createBuffer({ label: 'starts', size: bytes, usage: usage.uniform | usage.copyTarget })
    const write = (parameters: RunParameters): void => {
      const elements = starts.map((start) => (start ? startElement(start, parameters) : 0))
      gpu.queue.writeBuffer(buffer, 0, Uint32Array.from(elements))
    }
    if (starts.some((start) => typeof start?.row === 'object')) return { buffer, write }
    write({})
    return { buffer }
  }

  return {
    of(starts) {
      const key = starts.map(identity).join(';')
      const uniform = uniforms.get(key) ?? create(starts)
      uniforms.set(key, uniform)
      return uniform
    },
  }
}
