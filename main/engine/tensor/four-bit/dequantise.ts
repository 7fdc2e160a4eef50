import { roundToBf16 } from '../half'
import { flatScales } from './block-scales'
import { codebooks, type Codebook, type FourBitType } from './codebooks'
import type { ComputeType, FourBitTensor } from './four-bit-tensor'

/** A byte's two numbers, at twice its value. */
function createPairs({ codes }: Codebook): Float32Array {
  return Float32Array.from({ length: 512 }, (_, i) => codes[i % 2 === 0 ? i >> 5 : (i >> 1) & 15]!)
}

const pairs: Readonly<Record<FourBitType, Float32Array>> = {
  nf4: createPairs(codebooks.nf4),
  fp4: createPairs(codebooks.fp4),
}

/** The numbers of the bytes `from` to `to`, times a scale. Four bytes a turn take two thirds of the time of one. */
function spread(
  packed: Uint8Array,
  from: number,
  to: number,
  numbers: Float32Array,
  scale: number,
  target: Float32Array,
): void {
  let at = from
  for (; at + 3 < to; at += 4) {
    const into = 2 * at
    const [a, b, c, d] = [packed[at]! << 1, packed[at + 1]! << 1, packed[at + 2]! << 1, packed[at + 3]! << 1]
    target[into] = numbers[a]! * scale
    target[into + 1] = numbers[a + 1]! * scale
    target[into + 2] = numbers[b]! * scale
    target[into + 3] = numbers[b + 1]! * scale
    target[into + 4] = numbers[c]! * scale
    target[into + 5] = numbers[c + 1]! * scale
    target[into + 6] = numbers[d]! * scale
    target[into + 7] = numbers[d + 1]! * scale
  }
  for (; at < to; at++) {
    const pair = packed[at]! << 1
    target[2 * at] = numbers[pair]! * scale
    // Beyond the end of an odd length; a typed array then drops it.
    target[2 * at + 1] = numbers[pair + 1]! * scale
  }
}

/**
 * Fills `target`, of the tensor's length, with the numbers that it stands for: number of the code × scale of the block, in
 * float32. Training does this with every weight twice a step.
 */
export function dequantiseFourBit(
  { type, blockSize, packed, scales }: FourBitTensor,
  target: Float32Array,
  compute: ComputeType = 'f32',
): Float32Array {
  const bytes = blockSize / 2
  flatScales(scales).forEach((scale, block) =>
    spread(packed, block * bytes, Math.min(packed.length, (block + 1) * bytes), pairs[type], scale, target),
  )
  return compute === 'bf16' ? roundToBf16(target) : target
}
