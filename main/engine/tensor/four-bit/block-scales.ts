import { dynamicMap, nearestInMap } from './dynamic-map'
import { float32Mean } from './float32-mean'

/** Second-level block size: bitsandbytes' only one. */
export const SCALE_BLOCK = 256

/** Block scales quantised to 8 bits a second time: scale = map[code] · absmax of its second-level block + offset. */
export interface NestedScales {
  readonly codes: Uint8Array
  /** Largest magnitude of each second-level block, [ceil(blocks / 256)]. */
  readonly absmax: Float32Array
  /** What all scales have in common: their mean. */
  readonly offset: number
}

/** The largest magnitude of each block, or these numbers in 8 bits. */
export type BlockScales = Float32Array | NestedScales

/** Double quantisation (QLoRA, section 3): every step is rounded to float32, as there. */
export function nestScales(scales: Float32Array): NestedScales {
  const offset = float32Mean(scales)
  const centred = scales.map((scale) => scale - offset)
  const codes = new Uint8Array(scales.length)
  const absmax = new Float32Array(Math.ceil(scales.length / SCALE_BLOCK))
  for (let block = 0; block < absmax.length; block++) {
    const first = block * SCALE_BLOCK
    const part = centred.subarray(first, first + SCALE_BLOCK)
    const largest = part.reduce((most, value) => Math.max(most, Math.abs(value)), 0)
    absmax[block] = largest
    const factor = largest > 0 ? Math.fround(1 / largest) : 0
    part.forEach((value, i) => (codes[first + i] = nearestInMap(Math.fround(value * factor))))
  }
  return { codes, absmax, offset }
}

/** The scale of each block in float32, whichever way it is stored. */
export function flatScales(scales: BlockScales): Float32Array {
  if (scales instanceof Float32Array) return scales
  const { codes, absmax, offset } = scales
  const flat = new Float32Array(codes.length)
  // Two roundings, as bitsandbytes: the product, then the sum.
  for (let i = 0; i < flat.length; i++)
    flat[i] = Math.fround(dynamicMap[codes[i]!]! * absmax[Math.floor(i / SCALE_BLOCK)]!) + offset
  return flat
}
