import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { decodeBf16, decodeF16, encodeBf16, encodeF16 } from '../../../main/engine/tensor'

const allPatterns = Uint16Array.from({ length: 65536 }, (_, i) => i)

/** binary16 by its definition, in float64. */
function f16Value(half: number): number {
  const sign = half & 0x8000 ? -1 : 1
  const exponent = (half >> 10) & 31
  const fraction = half & 1023
  if (exponent === 31) return fraction ? NaN : sign * Infinity
  return exponent === 0 ? sign * fraction * 2 ** -24 : sign * (1 + fraction / 1024) * 2 ** (exponent - 15)
}

/** Nearest positive binary16, ties to even, by search; 65520 and above is infinity. */
function nearestF16(value: number): number {
  if (value >= 65520) return 0x7c00
  let low = 0
  let high = 0x7bff
  while (low < high) {
    const middle = (low + high + 1) >> 1
    if (f16Value(middle) <= value) low = middle
    else high = middle - 1
  }
  const below = value - f16Value(low)
  const above = f16Value(low + 1) - value
  if (low === 0x7bff) return low
  return below < above || (below === above && low % 2 === 0) ? low : low + 1
}

function floatOf(bits: number): number {
  return new Float32Array(Uint32Array.of(bits).buffer)[0]!
}

describe('binary16', () => {
  it('widens every pattern to the value that the format defines', () => {
    const wide = decodeF16(allPatterns)
    const wrong = [...allPatterns].filter((half) => !Object.is(wide[half], f16Value(half)))
    expect(wrong).toEqual([])
  })

  it('comes back from float32 unchanged, NaN staying NaN', () => {
    const back = encodeF16(decodeF16(allPatterns))
    const isNan = (half: number): boolean => (half & 0x7fff) > 0x7c00
    const wrong = [...allPatterns].filter((half) => (isNan(half) ? !isNan(back[half]!) : back[half] !== half))
    expect(wrong).toEqual([])
  })

  it('rounds every midpoint to the even neighbour, and its own neighbours to the nearest', () => {
    const wrong: number[] = []
    for (let half = 0; half < 0x7bff; half++) {
      const middle = (f16Value(half) + f16Value(half + 1)) / 2
      const bits = new Uint32Array(Float32Array.of(middle).buffer)[0]!
      const [down, tie, up] = encodeF16(Float32Array.of(floatOf(bits - 1), middle, floatOf(bits + 1)))
      if (down !== half || up !== half + 1 || tie !== half + (half % 2)) wrong.push(half)
    }
    expect(wrong).toEqual([])
  })

  it('rounds any float32 to the nearest', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 0x7f800000 }), fc.boolean(), (bits, negative) => {
        const value = floatOf(bits)
        const expected = nearestF16(value) | (negative ? 0x8000 : 0)
        expect(encodeF16(Float32Array.of(negative ? -value : value))[0]).toBe(expected)
      }),
      { numRuns: 5000 },
    )
  })

  it('rounds the edges of the range as the standard says', () => {
    const edges = Float32Array.of(65504, 65519.996, 65520, -65520, 1e38, 2 ** -24, 2 ** -25, 1e-40, -0, Infinity)
    const patterns = [0x7bff, 0x7bff, 0x7c00, 0xfc00, 0x7c00, 1, 0, 0, 0x8000, 0x7c00]
    expect([...encodeF16(edges)]).toEqual(patterns)
  })
})

describe('bfloat16', () => {
  it('widens to the float32 with the same upper half', () => {
    const bits = new Uint32Array(decodeBf16(allPatterns).buffer)
    expect([...bits].filter((value, i) => value !== i * 65536)).toEqual([])
  })

  it('comes back from float32 unchanged, NaN staying NaN', () => {
    const back = encodeBf16(decodeBf16(allPatterns))
    const isNan = (pattern: number): boolean => (pattern & 0x7fff) > 0x7f80
    const wrong = [...allPatterns].filter((p) => (isNan(p) ? !isNan(back[p]!) : back[p] !== p))
    expect(wrong).toEqual([])
  })

  it('rounds any float32 to the nearest, ties to even', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 0x7f7fffff }), (bits) => {
        const [lower, upper] = [bits >>> 16, (bits >>> 16) + 1]
        const rest = bits & 0xffff
        const expected = rest < 0x8000 || (rest === 0x8000 && lower % 2 === 0) ? lower : upper
        expect(encodeBf16(Float32Array.of(floatOf(bits)))[0]).toBe(expected)
        expect(encodeBf16(Float32Array.of(-floatOf(bits)))[0]).toBe(expected + 0x8000)
      }),
      { numRuns: 5000 },
    )
  })

  it('keeps infinity, and a NaN whose payload lies in the dropped half', () => {
    const special = new Float32Array(Uint32Array.of(0x7f800000, 0xff800000, 0x7f800001, 0xffffffff).buffer)
    const [plus, minus, quiet, negative] = encodeBf16(special)
    expect([plus, minus]).toEqual([0x7f80, 0xff80])
    expect([...decodeBf16(Uint16Array.of(quiet!, negative!))]).toEqual([NaN, NaN])
  })
})

it('works on views that begin inside a buffer', () => {
  const floats = new Float32Array([9, 1.5, -2, 9]).subarray(1, 3)
  const target = new Uint16Array(4).subarray(1, 3)
  expect([...encodeF16(floats, target)]).toEqual([0x3e00, 0xc000])
  expect([...decodeF16(target, new Float32Array(4).subarray(2, 4))]).toEqual([1.5, -2])
})
