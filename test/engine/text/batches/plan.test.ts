import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { planEpoch, splitRows } from '../../../../main/engine/text'
import { createRng } from '../../../../main/engine/rng'

const ascending = (values: readonly number[]): number[] => values.toSorted((a, b) => a - b)
const upTo = (count: number): number[] => Array.from({ length: count }, (_, index) => index)

describe('planEpoch', () => {
  const anyPlan = fc.record({
    lengths: fc.array(fc.integer({ min: 1, max: 500 }), { maxLength: 300 }),
    batchSize: fc.integer({ min: 1, max: 9 }),
    seed: fc.integer(),
    epoch: fc.nat({ max: 5 }),
    windowBatches: fc.integer({ min: 1, max: 20 }),
  })

  it('has every row once, in full batches but for the last, and the same ones again', () => {
    fc.assert(
      fc.property(anyPlan, (options) => {
        const batches = planEpoch(options)
        expect(ascending(batches.flat())).toEqual(upTo(options.lengths.length))
        expect(batches.slice(0, -1).every((batch) => batch.length === options.batchSize)).toBe(true)
        expect(planEpoch(options)).toEqual(batches)
      }),
    )
  })

  it('orders each epoch and each seed anew', () => {
    const options = { lengths: upTo(50), batchSize: 4, seed: 1, epoch: 0 }
    const orders = [options, { ...options, epoch: 1 }, { ...options, seed: 2 }].map((each) =>
      planEpoch(each).flat().join(),
    )
    expect(new Set(orders).size).toBe(3)
  })

  it('pads far less than a plain shuffle, in an order that is not by length', () => {
    const rng = createRng(7)
    const lengths = upTo(1000).map(() => 10 + rng.integer(500))
    const options = { lengths, batchSize: 8, seed: 3, epoch: 0 }
    const longest = (batch: readonly number[]): number => Math.max(...batch.map((row) => lengths[row] ?? 0))
    const cost = (windowBatches: number): number =>
      planEpoch({ ...options, windowBatches }).reduce((sum, batch) => sum + longest(batch) * batch.length, 0)
    const real = lengths.reduce((sum, length) => sum + length, 0)
    // Batches of one shuffled window are sorted too, so a window of one batch is the plain shuffle.
    expect(cost(1) / real).toBeGreaterThan(1.5)
    expect(cost(16) / real).toBeLessThan(1.1)
    expect(cost(31) / real).toBeLessThan(cost(16) / real)
    expect(planEpoch(options)).toEqual(planEpoch({ ...options, windowBatches: 31 }))
    const order = planEpoch(options).map(longest)
    const rises = order.filter((length, index) => index > 0 && length > (order[index - 1] ?? 0)).length
    expect(rises / order.length).toBeGreaterThan(0.35)
    expect(rises / order.length).toBeLessThan(0.65)
  })

  it('refuses an impossible batch size', () => {
    const options = { lengths: [1], batchSize: 0, seed: 1, epoch: 0 }
    expect(() => planEpoch(options)).toThrowError(expect.objectContaining({ code: 'invalid-argument' }))
  })
})

describe('splitRows', () => {
  it('gives every row to one side, the wanted share, and the same again', () => {
    fc.assert(
      fc.property(
        fc.nat({ max: 400 }),
        fc.double({ min: 0, max: 1, noNaN: true }),
        fc.integer(),
        (count, share, seed) => {
          const { train, validation } = splitRows(count, share, seed)
          expect(ascending([...train, ...validation])).toEqual(upTo(count))
          expect([train, validation]).toEqual([ascending(train), ascending(validation)])
          if (share > 0 && count >= 2) {
            expect(Math.min(train.length, validation.length)).toBeGreaterThan(0)
            expect(Math.abs(validation.length - count * share)).toBeLessThanOrEqual(1)
          } else expect(validation).toEqual([])
          expect(splitRows(count, share, seed)).toEqual({ train, validation })
        },
      ),
    )
  })

  it('takes other rows for another seed, and not just the first ones', () => {
    const picks = [1, 2, 3].map((seed) => splitRows(200, 0.1, seed).validation.join())
    expect(new Set([...picks, upTo(20).join()]).size).toBe(4)
  })
})
