import { describe, expect, it } from 'vitest'
import { createRng, deriveSeed, hashUniform } from '../../../main/engine/rng'

const bins = 20

/** χ² of draws in [0, 1) against equal shares; 19 degrees of freedom exceed 60 once in half a million times. */
function chiSquare(draws: readonly number[]): number {
  const counts = new Array<number>(bins).fill(0)
  for (const draw of draws) counts[Math.floor(draw * bins)]! += 1
  const expected = draws.length / bins
  return counts.reduce((sum, count) => sum + (count - expected) ** 2 / expected, 0)
}

/** Correlation of two samples; for independent ones of n numbers it is about 1 / √n. */
function correlation(a: readonly number[], b: readonly number[]): number {
  const mean = (x: readonly number[]): number => x.reduce((sum, value) => sum + value, 0) / x.length
  const [meanA, meanB] = [mean(a), mean(b)]
  const products = a.map((value, i) => (value - meanA) * (b[i]! - meanB))
  const spread = (x: readonly number[], m: number): number => Math.sqrt(mean(x.map((value) => (value - m) ** 2)))
  return mean(products) / (spread(a, meanA) * spread(b, meanB))
}

const times = <T>(count: number, draw: (index: number) => T): T[] => Array.from({ length: count }, (_, i) => draw(i))
const drawn = (seed: number, count: number): number[] => times(count, createRng(seed).next)

describe('a stream', () => {
  it('is the same for the same seed, and another for another', () => {
    expect(drawn(5, 100)).toEqual(drawn(5, 100))
    expect(drawn(6, 100)).not.toEqual(drawn(5, 100))
  })

  it('goes on from its state', () => {
    const rng = createRng(77)
    times(10, rng.normal)
    const again = createRng(rng.state())
    expect(times(10, again.normal)).toEqual(times(10, rng.normal))
  })

  it.each([0, 1, 12345, 2 ** 32 - 1])('of seed %d is uniform in [0, 1), without memory', (seed) => {
    const draws = drawn(seed, 20_000)
    expect(draws.every((draw) => draw >= 0 && draw < 1)).toBe(true)
    expect(chiSquare(draws)).toBeLessThan(60)
    expect(Math.abs(correlation(draws.slice(0, -1), draws.slice(1)))).toBeLessThan(0.03)
  })

  it('gives every whole number below n, and no other', () => {
    const rng = createRng(3)
    expect(new Set(times(500, () => rng.integer(7)))).toEqual(new Set([0, 1, 2, 3, 4, 5, 6]))
    expect(times(20, () => rng.integer(1))).toEqual(new Array<number>(20).fill(0))
  })

  it('gives normal numbers: mean 0, variance 1, 68 % within one', () => {
    const draws = times(20_000, createRng(9).normal)
    const mean = draws.reduce((sum, draw) => sum + draw, 0) / draws.length
    const variance = draws.reduce((sum, draw) => sum + (draw - mean) ** 2, 0) / draws.length
    expect(draws.every(Number.isFinite)).toBe(true)
    expect(Math.abs(mean)).toBeLessThan(0.03)
    expect(Math.abs(variance - 1)).toBeLessThan(0.05)
    expect(draws.filter((draw) => Math.abs(draw) < 1).length / draws.length).toBeCloseTo(0.683, 1)
  })
})

describe('hashUniform', () => {
  const stream = (seed: number, number: number): number[] => times(20_000, (i) => hashUniform(seed, number, i))

  it.each([
    [0, 0],
    [1, 3],
    [-7, 2],
    [2 ** 31 - 1, 6],
  ])('of seed %d and stream %d is uniform in [0, 1)', (seed, number) => {
    const draws = stream(seed, number)
    expect(draws.every((draw) => draw >= 0 && draw < 1)).toBe(true)
    expect(chiSquare(draws)).toBeLessThan(60)
  })

  it.each<[string, [number, number], [number, number]]>([
    ['streams', [4, 0], [4, 1]],
    ['seeds', [4, 0], [5, 0]],
    ['seed and stream in turn', [4, 5], [5, 4]],
  ])('different %s have nothing in common', (_, a, b) => {
    expect(Math.abs(correlation(stream(...a), stream(...b)))).toBeLessThan(0.03)
  })
})

describe('deriveSeed', () => {
  it('gives each purpose and each seed its own, always the same', () => {
    const purposes = times(200, (i) => [`layer ${i}`, `step ${i} micro-batch 0`, `epoch ${i}`]).flat()
    const seeds = [0, 1, 2 ** 32 - 1].flatMap((seed) => purposes.map((purpose) => deriveSeed(seed, purpose)))
    expect(new Set(seeds).size).toBe(seeds.length)
    expect(deriveSeed(0, 'layer 3')).toBe(seeds[purposes.indexOf('layer 3')])
  })

  it('gives whole numbers of 32 bits', () => {
    for (const seed of times(100, (i) => deriveSeed(i, 'purpose')))
      expect(seed).toSatisfy((value: number) => Number.isInteger(value) && value >= 0 && value < 2 ** 32)
  })

  it('starts streams that have nothing in common', () => {
    const [a, b] = ['dropout', 'shuffle'].map((purpose) => drawn(deriveSeed(1, purpose), 20_000))
    expect(Math.abs(correlation(a!, b!))).toBeLessThan(0.03)
  })
})
