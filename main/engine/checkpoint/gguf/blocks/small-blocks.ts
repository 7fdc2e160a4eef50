import { halfValues, type DecodeBlocks } from './block-decoder'

/**
 * Blocks of 32 elements: a scale d, perhaps a minimum m, perhaps 32 fifth bits, then 16 bytes whose low halves are the
 * elements 0 to 15 and whose high halves the elements 16 to 31. Every product below is exact in float64, and rounded
 * once where it is stored. Source: gguf's quants.py.
 */
const BLOCK = 32

/** value = d (n − centre); without fifth bits they count as 0. */
function centred(bytes: number, centre: number, fifthBits: boolean): DecodeBlocks {
  return (buffer, target) => {
    const [half, byte, word] = [halfValues(), new Uint8Array(buffer), new Uint16Array(buffer)]
    for (let block = 0, out = 0; out < target.length; block++, out += BLOCK) {
      const at = block * bytes
      const d = half[word[at >>> 1]!]!
      const high = fifthBits ? word[(at >>> 1) + 1]! | (word[(at >>> 1) + 2]! << 16) : 0
      const nibbles = at + bytes - 16
      for (let j = 0; j < 16; j++) {
        const pair = byte[nibbles + j]!
        target[out + j] = d * (((pair & 15) | (((high >>> j) & 1) << 4)) - centre)
        target[out + j + 16] = d * (((pair >>> 4) | (((high >>> (j + 16)) & 1) << 4)) - centre)
      }
    }
  }
}

/** value = d n + m */
function withMinimum(bytes: number, fifthBits: boolean): DecodeBlocks {
  return (buffer, target) => {
    const [half, byte, word] = [halfValues(), new Uint8Array(buffer), new Uint16Array(buffer)]
    for (let block = 0, out = 0; out < target.length; block++, out += BLOCK) {
      const at = block * bytes
      const d = half[word[at >>> 1]!]!
      const m = half[word[(at >>> 1) + 1]!]!
      const high = fifthBits ? word[(at >>> 1) + 2]! | (word[(at >>> 1) + 3]! << 16) : 0
      const nibbles = at + bytes - 16
      for (let j = 0; j < 16; j++) {
        const pair = byte[nibbles + j]!
        target[out + j] = d * ((pair & 15) | (((high >>> j) & 1) << 4)) + m
        target[out + j + 16] = d * ((pair >>> 4) | (((high >>> (j + 16)) & 1) << 4)) + m
      }
    }
  }
}

export const fourBitsCentred = centred(18, 8, false)
export const fourBitsWithMinimum = withMinimum(20, false)
export const fiveBitsCentred = centred(22, 16, true)
export const fiveBitsWithMinimum = withMinimum(24, true)

/** value = d q, with q a signed byte */
export const decodeQ8: DecodeBlocks = (buffer, target) => {
  const [half, signed, word] = [halfValues(), new Int8Array(buffer), new Uint16Array(buffer)]
  for (let block = 0, out = 0; out < target.length; block++, out += BLOCK) {
    const at = block * 34
    const d = half[word[at >>> 1]!]!
    for (let j = 0; j < BLOCK; j++) target[out + j] = d * signed[at + 2 + j]!
  }
}
