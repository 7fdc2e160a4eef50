import { decodeBf16, decodeF16, encodeBf16, encodeF16 } from './half'

/** The types that can be read as float32 … */
export type FloatDtype = 'F64' | 'F32' | 'F16' | 'BF16' | 'F8_E4M3' | 'F8_E5M2'
/** … and those that float32 can be written as. */
export type WritableFloatDtype = 'F32' | 'F16' | 'BF16'

/** Fills `target` from the first elements of `buffer`. A whole buffer, not a view, because it is always aligned. */
type Decode = (buffer: ArrayBuffer, target: Float32Array) => void
/** Puts `source` at the beginning of `buffer`. */
type Encode = (source: Float32Array, buffer: ArrayBuffer) => void

/**
 * One 8-bit float with 4 exponent bits (bias 7) and 3 fraction bits: no infinity, and only all ones is NaN
 * (Micikevicius et al. 2022, arXiv:2209.05433).
 */
function widenE4m3(byte: number): number {
  const magnitude = byte & 0x7f
  if (magnitude === 0x7f) return Number.NaN
  const exponent = magnitude >>> 3
  const fraction = magnitude & 7
  const value = exponent === 0 ? fraction * 2 ** -9 : (8 + fraction) * 2 ** (exponent - 10)
  return byte & 0x80 ? -value : value
}

// Typed arrays use the machine's byte order; every machine this runs on is little-endian, as the file formats are.
const DECODERS: Record<FloatDtype, Decode> = {
  F64: (buffer, target) => target.set(new Float64Array(buffer, 0, target.length)),
  F32: (buffer, target) => target.set(new Float32Array(buffer, 0, target.length)),
  F16: (buffer, target) => void decodeF16(new Uint16Array(buffer, 0, target.length), target),
  BF16: (buffer, target) => void decodeBf16(new Uint16Array(buffer, 0, target.length), target),
  F8_E4M3: (buffer, target) => {
    const table = Float32Array.from({ length: 256 }, (_, byte) => widenE4m3(byte))
    const bytes = new Uint8Array(buffer, 0, target.length)
    for (let i = 0; i < bytes.length; i++) target[i] = table[bytes[i]!]!
  },
  // The upper byte of a binary16.
  F8_E5M2: (buffer, target) => {
    const halves = Uint16Array.from(new Uint8Array(buffer, 0, target.length), (byte) => byte << 8)
    decodeF16(halves, target)
  },
}

const ENCODERS: Record<WritableFloatDtype, Encode> = {
  F32: (source, buffer) => new Float32Array(buffer, 0, source.length).set(source),
  F16: (source, buffer) => void encodeF16(source, new Uint16Array(buffer, 0, source.length)),
  BF16: (source, buffer) => void encodeBf16(source, new Uint16Array(buffer, 0, source.length)),
}

export function isFloatDtype(dtype: string): dtype is FloatDtype {
  return Object.hasOwn(DECODERS, dtype)
}

export function isWritableFloatDtype(dtype: string): dtype is WritableFloatDtype {
  return Object.hasOwn(ENCODERS, dtype)
}

/** Reads `target.length` elements of `dtype` from the start of `buffer`. F64 is rounded to nearest; the rest is exact. */
export function decodeFloats(dtype: FloatDtype, buffer: ArrayBuffer, target: Float32Array): void {
  DECODERS[dtype](buffer, target)
}

/** Writes `source` as `dtype` (round to nearest even) to the start of `buffer`. */
export function encodeFloats(dtype: WritableFloatDtype, source: Float32Array, buffer: ArrayBuffer): void {
  ENCODERS[dtype](source, buffer)
}

/** The values' own bytes, not a copy. */
export function bytesOf(values: Float32Array): Uint8Array {
  return new Uint8Array(values.buffer, values.byteOffset, values.byteLength)
}
