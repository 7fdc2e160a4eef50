import { SCALE_BLOCK, type BlockScales } from './block-scales'
import type { FourBitType } from './codebooks'

/** What dequantised weights are rounded to before they are computed with; the product with the scale is float32. */
export type ComputeType = 'f32' | 'bf16'

/** How a float tensor is stored in 4 bits. */
export interface FourBitFormat {
  readonly type: FourBitType
  /** Numbers that share a scale: even. */
  readonly blockSize: number
  /** The scales, too, are quantised. */
  readonly doubleQuantised: boolean
}

/** A format, and what its numbers become when they are computed with. */
export interface FourBitStorage extends FourBitFormat {
  readonly compute: ComputeType
}

/**
 * A tensor in 4 bits, flattened row by row: w ≈ code · scale of its block. Blocks may cross rows; the last may be short.
 * Packing and numbers are bitsandbytes', so that its files can be taken over.
 */
export interface FourBitTensor {
  readonly type: FourBitType
  readonly blockSize: number
  readonly length: number
  /** Two codes a byte, the first in the upper half; an odd length ends with the code of 0. */
  readonly packed: Uint8Array
  readonly scales: BlockScales
}

/** Block sizes that bitsandbytes knows. */
export const FOUR_BIT_BLOCKS = [32, 64, 128, 256, 512, 1024, 2048, 4096] as const

export const blockCount = (length: number, blockSize: number): number => Math.ceil(length / blockSize)

/** Bytes that a tensor of `length` numbers takes. */
export function fourBitBytes(length: number, { blockSize, doubleQuantised }: FourBitFormat): number {
  const blocks = blockCount(length, blockSize)
  return Math.ceil(length / 2) + (doubleQuantised ? blocks + 4 * blockCount(blocks, SCALE_BLOCK) + 4 : 4 * blocks)
}

export const formatOf = ({ type, blockSize, scales }: FourBitTensor): FourBitFormat => ({
  type,
  blockSize,
  doubleQuantised: !(scales instanceof Float32Array),
})

export const sameFormat = (a: FourBitFormat, b: FourBitFormat): boolean =>
  a.type === b.type && a.blockSize === b.blockSize && a.doubleQuantised === b.doubleQuantised
