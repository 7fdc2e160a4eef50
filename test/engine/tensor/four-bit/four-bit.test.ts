import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createRng } from '../../../../main/engine/rng'
import {
  codebooks,
  dequantiseFourBit,
  encodeBf16,
  decodeBf16,
  flatScales,
  FOUR_BIT_BLOCKS,
  fourBitBytes,
  quantiseFourBit,
  type FourBitFormat,
  type FourBitTensor,
  type FourBitType,
} from '../../../../main/engine/tensor'

const types: readonly FourBitType[] = ['nf4', 'fp4']
const gaussian = (length: number, scale: number): Float32Array => {
  const rng = createRng(7)
  return Float32Array.from({ length }, () => rng.normal() * scale)
}
const restore = (tensor: FourBitTensor): Float32Array => dequantiseFourBit(tensor, new Float32Array(tensor.length))
const codesOf = ({ packed, length }: FourBitTensor): number[] =>
  [...packed].flatMap((byte) => [byte >> 4, byte & 15]).slice(0, length)

const values = fc
  .array(fc.float({ noNaN: true, noDefaultInfinity: true, min: -3, max: 3 }), { maxLength: 300 })
  // Products of the tiniest numbers lose digits in float32; these have a test of their own.
  .map((numbers) => Float32Array.from(numbers, (n) => (Math.abs(n) < 1e-30 ? 0 : n)))
const formats = fc.record<FourBitFormat>({
  type: fc.constantFrom(...types),
  blockSize: fc.constantFrom(...FOUR_BIT_BLOCKS.slice(0, 3)),
  doubleQuantised: fc.constant(false),
})

describe('4-bit quantisation', () => {
  it('gives every number the nearest code of its block', () => {
    fc.assert(
      fc.property(values, formats, (weights, format) => {
        const tensor = quantiseFourBit(weights, format)
        const scales = flatScales(tensor.scales)
        const { codes } = codebooks[format.type]
        codesOf(tensor).forEach((code, i) => {
          const scale = scales[Math.floor(i / format.blockSize)]!
          const distance = (n: number): number => Math.abs(weights[i]! - n * scale)
          const nearest = Math.min(...[...codes].map(distance))
          expect(distance(codes[code]!)).toBeLessThanOrEqual(nearest + scale * 1e-6)
        })
      }),
    )
  })

  it('changes nothing when it is done again', () => {
    fc.assert(
      fc.property(values, formats, (weights, format) => {
        const once = restore(quantiseFourBit(weights, format))
        // FP4 has two zeros.
        expect(restore(quantiseFourBit(once, format)).every((value, i) => value === once[i])).toBe(true)
      }),
    )
  })

  it.each(types)('%s keeps a block’s largest number and zeros', (type) => {
    const block = new Float32Array(64)
    block[5] = -0.75
    const format = { type, blockSize: 64, doubleQuantised: false }
    expect(restore(quantiseFourBit(block, format)).every((value, i) => value === block[i])).toBe(true)
  })

  it('fills an odd length up with the code of zero', () => {
    const tensor = quantiseFourBit(Float32Array.of(1, -1, 1), { type: 'nf4', blockSize: 32, doubleQuantised: false })
    expect([...tensor.packed]).toEqual([0xf0, 0xf7])
    expect(restore(tensor)).toEqual(Float32Array.of(1, -1, 1))
  })

  it('holds numbers whose reciprocal is beyond float32', () => {
    const tiny = Float32Array.of(2 ** -149, 0, -(2 ** -149), 0)
    expect(restore(quantiseFourBit(tiny, { type: 'nf4', blockSize: 32, doubleQuantised: true }))[1]).toBe(0)
    expect(restore(quantiseFourBit(tiny, { type: 'nf4', blockSize: 32, doubleQuantised: false }))).toEqual(tiny)
  })

  it.each([NaN, Infinity, -Infinity])('refuses %s, naming its place', (bad) => {
    const weights = Float32Array.of(1, 2, bad, 4)
    const quantise = (): unknown => quantiseFourBit(weights, { type: 'nf4', blockSize: 64, doubleQuantised: true })
    expect(quantise).toThrow(expect.objectContaining({ code: 'invalid-argument', details: { element: 2 } }))
  })

  it('errs less in NF4 than in FP4 on Gaussian weights', () => {
    const weights = gaussian(64 * 256, 0.02)
    const error = (type: FourBitType): number => {
      const restored = restore(quantiseFourBit(weights, { type, blockSize: 64, doubleQuantised: true }))
      return Math.sqrt(weights.reduce((sum, w, i) => sum + (w - restored[i]!) ** 2, 0) / weights.length) / 0.02
    }
    expect(error('nf4')).toBeLessThan(0.1)
    expect(error('fp4')).toBeGreaterThan(error('nf4') * 1.1)
  })
})

describe('double quantisation', () => {
  it('takes little of the precision, for an eighth of a bit a weight', () => {
    const weights = gaussian(64 * 600, 0.02)
    const plain = { type: 'nf4', blockSize: 64, doubleQuantised: false } as const
    const double = { ...plain, doubleQuantised: true }
    const [flat, nested] = [quantiseFourBit(weights, plain), quantiseFourBit(weights, double)]
    expect(nested.packed).toEqual(flat.packed)
    const scales = flatScales(flat.scales)
    flatScales(nested.scales).forEach((scale, i) => expect(Math.abs(scale / scales[i]! - 1)).toBeLessThan(0.02))
    expect((fourBitBytes(weights.length, plain) * 8) / weights.length).toBe(4.5)
    expect((fourBitBytes(weights.length, double) * 8) / weights.length).toBeCloseTo(4.127, 2)
  })

  it('is whole for one block and for none', () => {
    const format = { type: 'nf4', blockSize: 64, doubleQuantised: true } as const
    expect(restore(quantiseFourBit(Float32Array.of(0.5), format))).toEqual(Float32Array.of(0.5))
    expect(restore(quantiseFourBit(new Float32Array(0), format))).toEqual(new Float32Array(0))
  })
})

it('rounds to bfloat16 where that is the compute type', () => {
  const tensor = quantiseFourBit(gaussian(200, 0.02), { type: 'nf4', blockSize: 64, doubleQuantised: true })
  const rounded = dequantiseFourBit(tensor, new Float32Array(tensor.length), 'bf16')
  expect(rounded).toEqual(decodeBf16(encodeBf16(restore(tensor))))
  expect(rounded).not.toEqual(restore(tensor))
})
