import type { Rng } from '../../../main/engine/rng'

/** How the elements of an input are made: element by element, in row-major order. */
export type Fill = (rng: Rng, index: number) => number

export const normal =
  (scale = 1): Fill =>
  (rng) =>
    scale * rng.normal()

export const uniform =
  (low: number, high: number): Fill =>
  (rng) =>
    low + (high - low) * rng.next()

/** Whole numbers from 0 to n − 1. */
export const below =
  (n: number): Fill =>
  (rng) =>
    rng.integer(n)

export const listed =
  (...values: readonly number[]): Fill =>
  (_, index) =>
    values[index % values.length]!

const angle = (half: number, index: number): number => Math.floor(index / half) * 100 ** (-(index % half) / half)

/** Rotary tables [N, half]: row n is position n. */
export const cosine =
  (half: number): Fill =>
  (_, index) =>
    Math.cos(angle(half, index))

export const sine =
  (half: number): Fill =>
  (_, index) =>
    Math.sin(angle(half, index))
