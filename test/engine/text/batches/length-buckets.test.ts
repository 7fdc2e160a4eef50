import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { bucketOf, chooseBuckets } from '../../../../main/engine/text'

const ascending = (values: readonly number[]): number[] => values.toSorted((a, b) => a - b)
const paddedTokens = (lengths: readonly number[], buckets: readonly number[]): number =>
  lengths.reduce((sum, length) => sum + bucketOf(buckets, length), 0)

/** Every choice of `count` of the candidates that ends with the last one. */
function* choices(candidates: readonly number[], count: number): Generator<number[]> {
  const last = candidates.at(-1) as number
  if (count === 1) return yield [last]
  for (let i = 0; i < candidates.length - 1; i++)
    for (const rest of choices(candidates.slice(i + 1), count - 1)) yield [candidates[i] as number, ...rest]
}

describe('chooseBuckets', () => {
  it('needs one length where rows are equally long, and one each where few lengths occur', () => {
    expect(chooseBuckets([24, 24, 24], 512)).toEqual([24])
    expect(chooseBuckets([24, 200, 24, 96], 512)).toEqual([24, 96, 200])
    expect(chooseBuckets([], 512)).toEqual([8])
  })

  it('never exceeds the maximum length', () => {
    expect(chooseBuckets([9, 100], 100)).toEqual([16, 100])
  })

  it('gives no length to a few rows that would hardly save anything', () => {
    const lengths = [...Array<number>(100).fill(160), 152]
    expect(chooseBuckets(lengths, 512)).toEqual([160])
  })

  it('holds every row, in at most eight lengths that ascend', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 3000 }), { maxLength: 200 }), fc.nat(500), (lengths, room) => {
        const maxLength = Math.max(1, ...lengths) + room
        const buckets = chooseBuckets(lengths, maxLength)
        expect(buckets.length).toBeLessThanOrEqual(8)
        expect(buckets).toEqual([...new Set(ascending(buckets))])
        expect(buckets.at(-1)).toBeLessThanOrEqual(maxLength)
        for (const length of lengths) expect(bucketOf(buckets, length)).toBeGreaterThanOrEqual(length)
      }),
    )
  })

  it('pads least of all choices of so many lengths', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 1, max: 72 }), { minLength: 1, maxLength: 40 }), (lengths) => {
        const buckets = chooseBuckets(lengths, 72)
        const candidates = ascending([...new Set(lengths.map((length) => 8 * Math.ceil(length / 8)))])
        const costs = [...choices(candidates, buckets.length)].map((choice) => paddedTokens(lengths, choice))
        expect(paddedTokens(lengths, buckets)).toBe(Math.min(...costs))
      }),
    )
  })

  it('looks at rows of a hundred thousand tokens as quickly', () => {
    const buckets = chooseBuckets([100_000, 40_000, 39_000, 10], 200_000)
    expect(paddedTokens([100_000, 40_000, 39_000, 10], buckets)).toBeLessThan(1.02 * 179_010)
  })

  it('refuses a row that is too long', () => {
    expect(() => chooseBuckets([65, 3], 64)).toThrowError(expect.objectContaining({ code: 'invalid-argument' }))
    expect(() => bucketOf([8, 64], 65)).toThrowError(expect.objectContaining({ code: 'invalid-argument' }))
  })
})
