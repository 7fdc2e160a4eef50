import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { smooth, smoothingFor } from '../../../../renderer/lib/chart/smooth'

const series = fc.array(fc.double({ min: -100, max: 100, noNaN: true }), { minLength: 1, maxLength: 200 })
const points = (values: readonly number[]) => values.map((y, x) => ({ x, y }))

describe('smooth', () => {
  it('starts at the first value and stays between the extremes', () => {
    fc.assert(
      fc.property(series, fc.double({ min: 0, max: 0.99, noNaN: true }), (values, weight) => {
        const smoothed = smooth(points(values), weight)
        expect(smoothed).toHaveLength(values.length)
        expect(smoothed[0]?.y).toBeCloseTo(values[0] ?? 0, 9)
        for (const { y } of smoothed) {
          expect(y).toBeGreaterThanOrEqual(Math.min(...values) - 1e-9)
          expect(y).toBeLessThanOrEqual(Math.max(...values) + 1e-9)
        }
      }),
    )
  })
  it('leaves a series as it is without weight, and a constant one always', () => {
    expect(smooth(points([3, 1, 2]), 0).map(({ y }) => y)).toEqual([3, 1, 2])
    for (const { y } of smooth(points([2, 2, 2, 2]), 0.9)) expect(y).toBeCloseTo(2, 12)
  })
  it('steps over points that are not numbers', () => {
    expect(smooth(points([1, Number.NaN, 1]), 0.5)).toEqual([
      { x: 0, y: 1 },
      { x: 2, y: 1 },
    ])
  })
  it('smooths long series more', () => {
    expect(smoothingFor(10)).toBe(0.5)
    expect(smoothingFor(400)).toBeCloseTo(0.9, 12)
    expect(smoothingFor(1e9)).toBe(0.97)
  })
})
