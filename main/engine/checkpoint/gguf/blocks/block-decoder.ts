import { decodeF16 } from '../../../tensor'

/** Fills `target` from the first blocks of `buffer`: as many as it has room for. */
export type DecodeBlocks = (buffer: ArrayBuffer, target: Float32Array) => void

let table: Float32Array | undefined

/** The value of every binary16 pattern. Built at first use: scales are read one by one, far apart from each other. */
export function halfValues(): Float32Array {
  table ??= decodeF16(Uint16Array.from({ length: 65536 }, (_, bits) => bits))
  return table
}
