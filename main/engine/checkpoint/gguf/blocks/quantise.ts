import { encodeF16 } from '../../../tensor'

/** Puts `source`, whole blocks, at the beginning of `buffer`. */
export type EncodeBlocks = (source: Float32Array, buffer: ArrayBuffer) => void

const BLOCK = 32

/** Rounds to the nearest whole number, halves away from zero: what C's `roundf` does, and `Math.round` does not. */
const roundAway = (x: number): number => Math.sign(x) * Math.floor(Math.abs(x) + 0.5)

/** The element of the largest magnitude in a block, with its sign; the first of several. */
function extremeOf(source: Float32Array, start: number): number {
  let extreme = 0
  for (let i = start; i < start + BLOCK; i++) if (Math.abs(source[i]!) > Math.abs(extreme)) extreme = source[i]!
  return extreme
}

/**
 * The scale as the file holds it, and its exact reciprocal before it was rounded: the reference divides by the scale
 * that it computed and stores the rounded one.
 */
function putScale(word: Uint16Array, at: number, scale: number): number {
  word[at >>> 1] = encodeF16(Float32Array.of(scale))[0]!
  return scale === 0 ? 0 : Math.fround(1 / scale)
}

/** d = max|x| / 127, q = x / d. Source: gguf's quants.py, which computes in float32. */
export const encodeQ8: EncodeBlocks = (source, buffer) => {
  const [signed, word] = [new Int8Array(buffer), new Uint16Array(buffer)]
  for (let block = 0, from = 0; from < source.length; block++, from += BLOCK) {
    const at = block * 34
    const inverse = putScale(word, at, Math.fround(Math.abs(extremeOf(source, from)) / 127))
    for (let j = 0; j < BLOCK; j++) signed[at + 2 + j] = roundAway(Math.fround(source[from + j]! * inverse))
  }
}

/** d = (the element of the largest magnitude) / −8, n = x / d + 8 in four bits. Source: gguf's quants.py. */
export const encodeQ4: EncodeBlocks = (source, buffer) => {
  const [byte, word] = [new Uint8Array(buffer), new Uint16Array(buffer)]
  const level = (x: number, inverse: number): number => Math.min(15, Math.max(0, Math.trunc(x * inverse + 8.5)))
  for (let block = 0, from = 0; from < source.length; block++, from += BLOCK) {
    const at = block * 18
    const inverse = putScale(word, at, Math.fround(extremeOf(source, from) / -8))
    for (let j = 0; j < 16; j++)
      byte[at + 2 + j] = level(source[from + j]!, inverse) | (level(source[from + j + 16]!, inverse) << 4)
  }
}
