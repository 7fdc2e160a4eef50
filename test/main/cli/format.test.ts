import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  formatBytes,
  formatCount,
  formatDuration,
  formatList,
  progressBar,
  sideBySide,
  sparkline,
  table,
  wrap,
} from '../../../main/cli/format'

describe('numbers for people', () => {
  it.each([
    [0, '0 B'],
    [999, '999 B'],
    [1500, '1.5 KB'],
    [412_300_000, '412 MB'],
    [1.2e9, '1.2 GB'],
  ])('%d bytes are %s', (bytes, text) => expect(formatBytes(bytes)).toBe(text))

  it.each([
    [512, '512'],
    [340_000, '340 k'],
    [11_015_040, '11.0 M'],
    [1.5e9, '1.5 B'],
  ])('%d is %s', (count, text) => expect(formatCount(count)).toBe(text))

  it.each([
    [0.4, '0:00'],
    [48, '0:48'],
    [723, '12:03'],
    [3729, '1:02:09'],
    [-5, '0:00'],
  ])('%d seconds are %s', (seconds, text) => expect(formatDuration(seconds)).toBe(text))
})

describe('formatList', () => {
  it('says all of a short list, and of a long one how long it is', () => {
    expect(formatList(['a', 'b'], 2)).toBe('a, b')
    expect(formatList(['a', 'b', 'c'], 2)).toBe('a, b, … (3 in all)')
  })
})

describe('sparkline', () => {
  it('falls as the series falls', () => expect(sparkline([8, 7, 6, 5, 4, 3, 2, 1])).toBe('█▇▆▅▄▃▂▁'))
  it('is flat for a constant series and empty for none', () => {
    expect(sparkline([3, 3, 3])).toBe('▁▁▁')
    expect(sparkline([])).toBe('')
  })
  it('takes the mean of its parts and leaves out what is no number', () => {
    expect(sparkline([4, 2, NaN, 1, 1], 2)).toBe('█▁')
  })
})

describe('progressBar', () => {
  it('is empty, half and full', () => {
    expect([progressBar(0, 4, 4), progressBar(2, 4, 4), progressBar(9, 4, 4)]).toEqual(['░░░░', '██░░', '████'])
  })
  it('is empty where the total is unknown', () => expect(progressBar(5, 0, 3)).toBe('░░░'))
})

describe('wrap', () => {
  it('breaks between words', () => expect(wrap('the quick brown fox', 10)).toEqual(['the quick', 'brown fox']))
  it('keeps line breaks and splits what is too long', () => {
    expect(wrap('ab\nabcdefgh', 4)).toEqual(['ab', 'abcd', 'efgh'])
  })
  it('loses no character but spaces, and no line is too long', () => {
    fc.assert(
      fc.property(fc.string(), fc.integer({ min: 1, max: 20 }), (text, width) => {
        const lines = wrap(text, width)
        expect(lines.every((line) => line.length <= width)).toBe(true)
        expect(lines.join('').replace(/\s/g, '')).toBe(text.replace(/\s/g, ''))
      }),
    )
  })
})

describe('columns', () => {
  it('puts two texts beside each other', () => {
    const lines = sideBySide(['before', 'one'], ['after', 'two\nthree'], 47)
    expect(lines).toEqual([
      '  before               │ after',
      '  ──────────────────── │ ────────────────────',
      '  one                  │ two',
      '                       │ three',
    ])
  })
  it('aligns a table', () => {
    const rows = [
      ['run', 'loss'],
      ['a-long-id', '1.2'],
    ]
    expect(table(rows)).toEqual(['run        loss', 'a-long-id  1.2'])
  })
})
