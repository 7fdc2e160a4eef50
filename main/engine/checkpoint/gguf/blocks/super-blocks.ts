import { halfValues, type DecodeBlocks } from './block-decoder'

/**
 * The K types: super-blocks of 256 elements in sub-blocks, whose own scales are small integers times one half-precision
 * scale. Every product below is exact in float64, and rounded once where it is stored. Source: gguf's quants.py.
 */
const SUPER_BLOCK = 256
const SUB_BLOCK = 32

/** Eight 6-bit scales and eight 6-bit minima in 12 bytes; the upper four keep their top two bits with the lower four. */
function unpackScales(byte: Uint8Array, at: number, scales: Uint8Array, minima: Uint8Array): void {
  for (let j = 0; j < 4; j++) {
    const [low, middle, high] = [byte[at + j]!, byte[at + 4 + j]!, byte[at + 8 + j]!]
    scales[j] = low & 63
    minima[j] = middle & 63
    scales[j + 4] = (high & 15) | ((low >>> 6) << 4)
    minima[j + 4] = (high >>> 4) | ((middle >>> 6) << 4)
  }
}

/** value = d s[t] n − dmin m[t] in sub-block t; fifth bits, where there are any, lie between the scales and the nibbles. */
function withScaledMinima(bytes: number, fifthBits: boolean): DecodeBlocks {
  return (buffer, target) => {
    const [half, byte, word] = [halfValues(), new Uint8Array(buffer), new Uint16Array(buffer)]
    const [scales, minima] = [new Uint8Array(8), new Uint8Array(8)]
    for (let block = 0, out = 0; out < target.length; block++, out += SUPER_BLOCK) {
      const at = block * bytes
      const [d, dmin] = [half[word[at >>> 1]!]!, half[word[(at >>> 1) + 1]!]!]
      unpackScales(byte, at + 4, scales, minima)
      for (let t = 0; t < 8; t++) {
        const [scale, minimum, shift] = [d * scales[t]!, dmin * minima[t]!, (t & 1) * 4]
        const nibbles = at + bytes - 128 + (t >>> 1) * SUB_BLOCK
        const to = out + t * SUB_BLOCK
        for (let l = 0; l < SUB_BLOCK; l++) {
          const fifth = fifthBits ? ((byte[at + 16 + l]! >>> t) & 1) << 4 : 0
          target[to + l] = scale * (((byte[nibbles + l]! >>> shift) & 15) | fifth) - minimum
        }
      }
    }
  }
}

export const decodeQ4K = withScaledMinima(144, false)
export const decodeQ5K = withScaledMinima(176, true)

/** value = d s (n − 32): n has four bits in ql and two in qh, s is a signed byte for every 16 elements */
export const decodeQ6K: DecodeBlocks = (buffer, target) => {
  const [half, byte, word] = [halfValues(), new Uint8Array(buffer), new Uint16Array(buffer)]
  const signed = new Int8Array(buffer)
  for (let block = 0, out = 0; out < target.length; block++, out += SUPER_BLOCK) {
    const at = block * 210
    const d = half[word[(at + 208) >>> 1]!]!
    for (let t = 0; t < 8; t++) {
      const [upper, k] = [t >>> 2, t & 3]
      const low = at + 64 * upper + SUB_BLOCK * (k & 1)
      const high = at + 128 + SUB_BLOCK * upper
      const to = out + t * SUB_BLOCK
      for (let l = 0; l < SUB_BLOCK; l++) {
        const n = ((byte[low + l]! >>> (4 * (k >>> 1))) & 15) | (((byte[high + l]! >>> (2 * k)) & 3) << 4)
        target[to + l] = d * signed[at + 192 + 2 * t + (l >>> 4)]! * (n - 32)
      }
    }
  }
}
