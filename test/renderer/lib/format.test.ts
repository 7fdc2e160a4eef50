import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  formatBytes,
  formatCount,
  formatDuration,
  formatList,
  formatLoss,
  formatMemory,
  formatMoment,
  formatRate,
  formatScientific,
  formatShare,
} from '../../../renderer/lib/format'

const words = { hour: 'h', minute: 'min', second: 's' }

describe('numbers for people', () => {
  it.each([
    [999, '999'],
    [7099, '7,099'],
    [344_064, '344K'],
    [11_015_040, '11M'],
    [134_515_008, '135M'],
  ])('counts %d as %s', (count, text) => expect(formatCount(count, 'en')).toBe(text))

  it('counts in ten-thousands in Chinese', () => expect(formatCount(11_015_040, 'zh')).toBe('1100万'))

  it.each([
    [0, '0 s'],
    [48.4, '48 s'],
    [60, '1 min'],
    [200, '3 min 20 s'],
    [700, '11 min'],
    [3600, '1 h'],
    [3725, '1 h 2 min'],
    [-3, '0 s'],
  ])('%d seconds are %s', (seconds, text) => expect(formatDuration(seconds, words)).toBe(text))

  it.each([
    [0, '0 B'],
    [612, '612 B'],
    [48_213, '47 KB'],
    [432_013_312, '412 MB'],
    [3.14 * 1024 ** 3, '3.1 GB'],
    [64 * 1024 ** 3, '64 GB'],
  ])('%d bytes are %s', (bytes, text) => expect(formatBytes(bytes)).toBe(text))

  it.each([
    [3.14159, '3.142'],
    [123.456, '123.5'],
    [0.548612, '0.5486'],
    [0, '0.000'],
    [0.00001, '1.0e-5'],
    [12345, '12345'],
    [Number.NaN, 'NaN'],
  ])('a loss of %d reads %s', (loss, text) => expect(formatLoss(loss)).toBe(text))

  it('writes rates, shares and memory with their units', () => {
    expect(formatRate(1234.5, 'en')).toBe('1,235')
    expect(formatRate(3.27, 'en')).toBe('3.3')
    expect(formatShare(0.9375)).toBe('94 %')
    expect(formatMemory(3.1 * 1024 ** 3, 16 * 1024 ** 3)).toBe('3.1 / 16 GB')
  })

  it('writes small numbers so that they read back as the same number', () => {
    fc.assert(
      fc.property(fc.double({ min: 1e-9, max: 10, noNaN: true }), (value) => {
        expect(Number(formatScientific(value))).toBe(value)
      }),
    )
    expect(formatScientific(2e-5)).toBe('2e-5')
    expect(formatScientific(0.002)).toBe('0.002')
  })
})

describe('formatList', () => {
  it('says all of a short list, and of a long one how long it is', () => {
    expect(formatList(['a', 'b'], 2)).toBe('a, b')
    expect(formatList(['a', 'b', 'c'], 2)).toBe('a, b, … (3)')
  })
})

describe('moments', () => {
  const now = new Date(2025, 5, 1, 18, 0)
  it('leaves out the date of today', () => {
    expect(formatMoment(new Date(2025, 5, 1, 9, 5).toISOString(), now, 'en')).not.toContain('Jun')
  })
  it('says the day of others', () => {
    expect(formatMoment(new Date(2025, 4, 7, 9, 5).toISOString(), now, 'en')).toContain('May 7')
  })
})
