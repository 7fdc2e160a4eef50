import { describe, expect, it } from 'vitest'
import { curveText, sparkline, type CurvePoint } from '../../../main/engine/export/card/curve'

const points = (count: number, lossOf: (i: number) => number): CurvePoint[] =>
  Array.from({ length: count }, (_, i) => ({ step: i + 1, loss: lossOf(i) }))

describe('a sparkline', () => {
  it('falls from a full bar to a thin one', () => {
    expect(sparkline(points(8, (i) => 8 - i))).toBe('█▇▆▅▄▃▂▁')
  })

  it('has a bar for each mean of equal parts, never more than a card has room for', () => {
    expect(sparkline(points(48_000, (i) => i))).toHaveLength(48)
    expect(sparkline(points(50, () => 2))).toBe('▁'.repeat(48))
  })

  it('leaves a gap where the loss was no number', () => {
    expect(sparkline(points(3, (i) => (i === 1 ? NaN : i)))).toContain(' ')
  })
})

describe('the section of a card', () => {
  it('shows validation losses with the training loss of that time', () => {
    const text = curveText({ training: points(40, (i) => 4 - i / 20), validation: points(3, (i) => 3 - i) })
    expect(text).toContain('| step | training loss | validation loss |')
    expect(text).toContain('| 3 | 3.9 | 1 |')
    expect(text.match(/^(training|validation)/gm)).toEqual(['training', 'validation'])
  })

  it('keeps the first and the last of many evaluations', () => {
    const text = curveText({ training: [], validation: points(500, (i) => i) })
    expect(text).toContain('| 1 |  | 0 |')
    expect(text).toContain('| 500 |  | 499 |')
    expect(text.match(/^\| \d+/gm)).toHaveLength(12)
  })

  it('is empty where nothing was recorded', () => {
    expect(curveText({ training: [], validation: [] })).toBe('')
  })
})
