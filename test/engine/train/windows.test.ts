import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createWindows, stepsPerEpoch, totalSteps, type TrainingData } from '../../../main/engine/train'

/** Rows of unequal lengths; every token of a row is its number plus one, the padding 0. */
function dataOf(rows: number, batchSize: number, accumulation: number, seed = 4): TrainingData {
  const examples = Array.from({ length: rows }, (_, row) => {
    const length = 2 + ((row * 7) % 13)
    return { ids: new Int32Array(length).fill(row + 1), trained: new Uint8Array(length).fill(1) }
  })
  return { examples, batchSize, accumulation, maxLength: 16, padId: 0, seed }
}

/** The rows of each micro-batch of a step. */
function rowsOf(data: TrainingData, step: number, windowOf = createWindows(data)): number[][] {
  return windowOf(step).map(({ ids }) => [...new Set(ids)].filter((id) => id > 0).map((id) => id - 1))
}

const epochOf = (data: TrainingData, epoch: number): number[][][] =>
  Array.from({ length: stepsPerEpoch(data) }, (_, i) => rowsOf(data, epoch * stepsPerEpoch(data) + i + 1))

const sizes = fc.record({
  rows: fc.integer({ min: 1, max: 60 }),
  batchSize: fc.integer({ min: 1, max: 5 }),
  accumulation: fc.integer({ min: 1, max: 4 }),
})

describe('an epoch', () => {
  it('has every row exactly once, in windows of which only the last may be short', () => {
    fc.assert(
      fc.property(sizes, fc.nat(3), ({ rows, batchSize, accumulation }, epoch) => {
        const windows = epochOf(dataOf(rows, batchSize, accumulation), epoch)
        const seen = windows.flat(2).sort((a, b) => a - b)
        expect(seen).toEqual(Array.from({ length: rows }, (_, i) => i))
        for (const window of windows.slice(0, -1)) expect(window).toHaveLength(accumulation)
        expect(windows.at(-1)?.length).toBeGreaterThan(0)
        expect(windows.at(-1)?.length).toBeLessThanOrEqual(accumulation)
      }),
      { seed: 6, numRuns: 60 },
    )
  })

  it('has the rows in another order than the one before, and another with another seed', () => {
    const data = dataOf(40, 2, 2)
    expect(epochOf(data, 1)).not.toEqual(epochOf(data, 0))
    expect(epochOf(dataOf(40, 2, 2, 5), 0)).not.toEqual(epochOf(data, 0))
  })
})

it('any step can be asked for, in any order, by anybody', () => {
  const data = dataOf(11, 2, 2)
  const windowOf = createWindows(data)
  const inOrder = Array.from({ length: 12 }, (_, i) => windowOf(i + 1))
  for (const step of [12, 1, 7, 7, 3, 11, 2]) {
    expect(windowOf(step)).toEqual(inOrder[step - 1])
    expect(createWindows(data)(step)).toEqual(inOrder[step - 1])
  }
})

describe('the number of steps', () => {
  it('of an epoch is that of transformers: max(1, ⌊b / ga⌋ + (b mod ga > 0)), b micro-batches', () => {
    fc.assert(
      fc.property(sizes, ({ rows, batchSize, accumulation }) => {
        const b = Math.ceil(rows / batchSize)
        const expected = Math.max(1, Math.floor(b / accumulation) + Number(b % accumulation > 0))
        expect(stepsPerEpoch(dataOf(rows, batchSize, accumulation))).toBe(expected)
      }),
      { seed: 7, numRuns: 100 },
    )
  })

  it.each([
    [1, 3],
    [2, 6],
    [0.5, 2],
    [1.34, 5],
    [0.01, 1],
  ])('of %d epochs is rounded up: %d', (epochs, steps) => {
    expect(totalSteps(dataOf(11, 2, 2), { epochs })).toBe(steps)
  })

  it('is what was asked for where that was', () => {
    expect(totalSteps(dataOf(11, 2, 2), { epochs: 3, steps: 2 })).toBe(2)
    expect(totalSteps(dataOf(11, 2, 2), { epochs: 3, steps: undefined })).toBe(9)
  })
})
