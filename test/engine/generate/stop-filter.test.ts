import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createStopFilter } from '../../../main/engine/generate/stop-filter'

function filtered(stops: readonly string[], pieces: readonly string[]) {
  const filter = createStopFilter(stops)
  const shown = pieces.map((piece) => filter.push(piece))
  return { shown: [...shown, filter.flush()], stopped: filter.stopped }
}

describe('createStopFilter', () => {
  it('lets text through at once where there is nothing to stop at', () => {
    expect(filtered([], ['a', 'b'])).toEqual({ shown: ['a', 'b', ''], stopped: false })
    expect(filtered([''], ['a', 'b'])).toEqual({ shown: ['a', 'b', ''], stopped: false })
  })

  it('holds the beginning of a stop string back, and never shows it', () => {
    expect(filtered(['END'], ['So E', 'N', 'D and more', 'x'])).toEqual({
      shown: ['So ', '', '', '', ''],
      stopped: true,
    })
  })

  it('shows what was held back once it cannot be a stop string any more', () => {
    expect(filtered(['END'], ['E', 'N', 'E', 'M'])).toEqual({ shown: ['', '', 'EN', 'EM', ''], stopped: false })
  })

  it('shows what was held back where the text ends', () => {
    expect(filtered(['END'], ['An E'])).toEqual({ shown: ['An ', 'E'], stopped: false })
  })

  it('stops at the string that is complete first', () => {
    expect(filtered(['bcd', 'b'], ['abcd'])).toEqual({ shown: ['a', ''], stopped: true })
    expect(filtered(['abc', 'bc'], ['abc'])).toEqual({ shown: ['', ''], stopped: true })
  })

  it('makes the same of a text however it is cut into pieces', () => {
    const letters = fc.string({ unit: fc.constantFrom('a', 'b', 'c'), maxLength: 24 })
    const stop = fc.string({ unit: fc.constantFrom('a', 'b', 'c'), minLength: 1, maxLength: 4 })
    fc.assert(
      fc.property(fc.array(letters, { maxLength: 6 }), fc.array(stop, { maxLength: 3 }), (pieces, stops) => {
        const cut = filtered(stops, pieces)
        const whole = filtered(stops, [pieces.join('')])
        const letterwise = filtered(stops, [...pieces.join('')])
        const result = [cut, whole, letterwise].map(({ shown, stopped }) => ({ text: shown.join(''), stopped }))
        expect(new Set(result.map((one) => JSON.stringify(one))).size).toBe(1)
        const { text, stopped } = result[0]!
        expect(pieces.join('').startsWith(text)).toBe(true)
        expect(stopped).toBe(stops.some((one) => pieces.join('').includes(one)))
        expect(stops.some((one) => text.includes(one))).toBe(false)
        if (!stopped) expect(text).toBe(pieces.join(''))
      }),
    )
  })
})
