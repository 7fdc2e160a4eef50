/**
 * Conversions between float32 and the 16-bit formats, as bit patterns. IEEE 754 binary16: 1 sign, 5 exponent, 10
 * fraction bits; bfloat16: the upper half of a binary32. Narrowing rounds to nearest, ties to even; a NaN stays a NaN.
 * Source and target have equal lengths; every function fills and returns its target.
 */

const EXPONENT_BIAS_GAP = 127 - 15
/** The shift that leaves nothing of a 24-bit significand, whatever is added for rounding. */
const SHIFT_TO_ZERO = 31

/** The float32 bits of one binary16 pattern. */
function widen(half: number): number {
  const sign = (half & 0x8000) << 16
  const exponent = (half >>> 10) & 0x1f
  const fraction = half & 0x3ff
  if (exponent === 0x1f) return sign | 0x7f800000 | (fraction << 13)
  if (exponent > 0) return sign | ((exponent + EXPONENT_BIAS_GAP) << 23) | (fraction << 13)
  if (fraction === 0) return sign
  // A subnormal: move its leading one up to the place of the implicit bit, which float32 has the range to do.
  const lift = Math.clz32(fraction) - 21
  return sign | ((EXPONENT_BIAS_GAP + 1 - lift) << 23) | (((fraction << lift) & 0x3ff) << 13)
}

function buildWideningTable(): Uint32Array {
  return Uint32Array.from({ length: 65536 }, (_, half) => widen(half))
}

/**
 * By sign and exponent of the float32 (9 bits): what to add to the rounded significand, and how far to shift it down.
 * The significand keeps its implicit one, so a normal number's base is one exponent lower, and a carry out of the
 * rounding walks into the exponent by itself: up to infinity, where that is the nearest.
 */
function buildNarrowingTables(): { base: Uint16Array; shift: Uint8Array } {
  const base = new Uint16Array(512)
  const shift = new Uint8Array(512).fill(SHIFT_TO_ZERO)
  for (let i = 0; i < 512; i++) {
    const exponent = (i & 0xff) - EXPONENT_BIAS_GAP
    base[i] = (i >>> 8) << 15
    if (exponent >= 0x1f) base[i]! |= 0x7c00
    else if (exponent >= 1) {
      base[i]! |= (exponent - 1) << 10
      shift[i] = 13
    } else if (exponent >= -10) shift[i] = 14 - exponent
  }
  return { base, shift }
}

// Built at first use: 256 KiB are not spent in a process that never reads 16-bit weights.
let wideningTable: Uint32Array | undefined
let narrowingTables: ReturnType<typeof buildNarrowingTables> | undefined

function bitsOf(values: Float32Array): Uint32Array {
  return new Uint32Array(values.buffer, values.byteOffset, values.length)
}

/** binary16 patterns to float32; exact. */
export function decodeF16(source: Uint16Array, target: Float32Array = new Float32Array(source.length)): Float32Array {
  wideningTable ??= buildWideningTable()
  const table = wideningTable
  const out = bitsOf(target)
  for (let i = 0; i < source.length; i++) out[i] = table[source[i]!]!
  return target
}

/** float32 to binary16 patterns; what is too large becomes infinity. */
export function encodeF16(source: Float32Array, target: Uint16Array = new Uint16Array(source.length)): Uint16Array {
  narrowingTables ??= buildNarrowingTables()
  const { base, shift } = narrowingTables
  const bits = bitsOf(source)
  for (let i = 0; i < bits.length; i++) {
    const value = bits[i]!
    if ((value & 0x7fffffff) > 0x7f800000) {
      target[i] = ((value >>> 16) & 0x8000) | 0x7e00 | ((value >>> 13) & 0x3ff)
      continue
    }
    const row = value >>> 23
    const down = shift[row]!
    const significand = (value & 0x7fffff) | 0x800000
    const rounding = (1 << (down - 1)) - 1 + ((significand >>> down) & 1)
    target[i] = base[row]! + ((significand + rounding) >>> down)
  }
  return target
}

/** bfloat16 patterns to float32; exact. */
export function decodeBf16(source: Uint16Array, target: Float32Array = new Float32Array(source.length)): Float32Array {
  const out = bitsOf(target)
  for (let i = 0; i < source.length; i++) out[i] = source[i]! << 16
  return target
}

/** The bfloat16 pattern of one float32's bits. */
function narrowToBf16(bits: number): number {
  // Setting the quiet bit keeps a NaN whose payload lies in the dropped half from becoming infinity.
  if ((bits & 0x7fffffff) > 0x7f800000) return (bits >>> 16) | 0x40
  return (bits + 0x7fff + ((bits >>> 16) & 1)) >>> 16
}

/** float32 to bfloat16 patterns. */
export function encodeBf16(source: Float32Array, target: Uint16Array = new Uint16Array(source.length)): Uint16Array {
  const bits = bitsOf(source)
  for (let i = 0; i < bits.length; i++) target[i] = narrowToBf16(bits[i]!)
  return target
}

/** Rounds to the nearest bfloat16 numbers, in place. */
export function roundToBf16(values: Float32Array): Float32Array {
  const bits = bitsOf(values)
  for (let i = 0; i < bits.length; i++) bits[i] = narrowToBf16(bits[i]!) << 16
  return values
}
