import fc from 'fast-check'
import { expect, it } from 'vitest'
import { tally } from '../../../../main/engine/text/duplicates/tally'

const numbers = fc.array(fc.oneof(fc.nat(20), fc.double({ noDefaultInfinity: true }), fc.constant(NaN)))

it('counts as one would by hand, and no NaN', () => {
  fc.assert(
    fc.property(numbers, (list) => {
      const byHand = new Map<number, number>()
      // A Map, too, takes -0 for 0.
      for (const value of list) if (!Number.isNaN(value)) byHand.set(value, (byHand.get(value) ?? 0) + 1)
      const counted = tally(list)
      expect(counted.distinct).toBe(byHand.size)
      expect(new Map(counted.entries())).toEqual(byHand)
      for (const [value, count] of byHand) expect(counted.count(value)).toBe(count)
      for (const value of [-1, 20.5, NaN]) expect(counted.count(value)).toBe(byHand.get(value) ?? 0)
    }),
  )
})
