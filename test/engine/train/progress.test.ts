import { describe, expect, it } from 'vitest'
import {
  afterEvaluation,
  afterStep,
  initialProgress,
  requireConverging,
  requireFinite,
  type Progress,
} from '../../../main/engine/train'

/** Where a run stands after steps of these losses, ten tokens each, four of them trained. */
const after = (losses: readonly number[], from: Progress = initialProgress): Progress =>
  losses.reduce((progress, loss) => afterStep(progress, { loss, tokens: 10, trainedTokens: 4 }), from)
const evaluated = (losses: readonly number[]): Progress =>
  losses.reduce((progress, loss) => afterEvaluation(after([2], progress), loss).progress, initialProgress)

describe('a step', () => {
  it('counts, adds up tokens and remembers the first loss', () => {
    expect(after([3, 2.5, 2])).toEqual({ step: 3, tokens: 30, trainedTokens: 12, stale: 0, firstLoss: 3, highSteps: 0 })
  })

  it('leaves the progress that it was given as it was', () => {
    const before = Object.freeze(after([3]))
    after([2], before)
    expect(before).toEqual(after([3]))
  })
})

describe('an evaluation', () => {
  it('is the best one where its loss is lower than any before', () => {
    expect(evaluated([2, 1.5, 1.2])).toMatchObject({ bestLoss: 1.2, bestStep: 3, stale: 0 })
    expect(evaluated([2, 1.5, 1.6, 1.5])).toMatchObject({ bestLoss: 1.5, bestStep: 2, stale: 2 })
    expect(evaluated([2, 2.5, 1.9])).toMatchObject({ bestLoss: 1.9, bestStep: 3, stale: 0 })
    expect(afterEvaluation(after([1]), 4).best).toBe(true)
    expect(afterEvaluation(evaluated([2]), 2).best).toBe(false)
  })
})

describe('results that are not finite', () => {
  it.each([
    [NaN, 1, 'loss NaN'],
    [Infinity, 1, 'loss Infinity'],
    [1, NaN, 'gradient norm NaN'],
    [1, -Infinity, 'gradient norm -Infinity'],
  ])('loss %d and norm %d end the run', (loss, norm, what) => {
    const attempt = (): void => requireFinite(7, loss, norm)
    expect(attempt).toThrow(expect.objectContaining({ code: 'training-diverged', details: { step: 7 } }))
    expect(attempt).toThrow(`step 7: expected finite numbers, got a ${what}; `)
  })

  it('finite ones do not, however large', () => {
    expect(() => requireFinite(1, 1e30, 1e30)).not.toThrow()
    expect(() => requireFinite(1, 0, 0)).not.toThrow()
  })
})

describe('divergence', () => {
  const high = 2 * 3 + 1.001
  const times = (count: number, loss: number): number[] => new Array<number>(count).fill(loss)

  it('is eight steps in a row above twice the first loss plus one', () => {
    expect(() => requireConverging(after([3, ...times(7, high)]))).not.toThrow()
    const attempt = (): void => requireConverging(after([3, ...times(8, high)]))
    expect(attempt).toThrow(expect.objectContaining({ code: 'training-diverged', details: { step: 9 } }))
    expect(attempt).toThrow(/^step 9: .*\(3\.000\).* 8 steps; .*lower learning rate/)
  })

  it('is not a loss just at that bound, nor single peaks', () => {
    expect(after([3, ...times(20, 7)]).highSteps).toBe(0)
    expect(after([3, ...times(7, high), 2, ...times(7, high)]).highSteps).toBe(7)
  })
})
