import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { countOutcomes, countTargets, shortenPrompt, truncate } from '../../../../main/engine/text'
import { anyMarks, exampleOf } from './examples'

const prompt = '.'.repeat(12)
const answer = '#'.repeat(6)

describe('truncate', () => {
  it('leaves a row that fits alone', () => {
    const encoded = exampleOf(prompt + answer)
    expect(truncate(encoded, 18)).toEqual({ outcome: 'whole', encoded, promptLost: 0, answerLost: 0 })
  })

  it('drops what follows the last answer before anything else', () => {
    const { outcome, encoded } = truncate(exampleOf(`..##${'.'.repeat(9)}`), 5)
    expect([outcome, ...encoded.ids]).toEqual(['whole', 1, 2, 3, 4])
  })

  it("takes the prompt's middle out and keeps the answer", () => {
    const { encoded, ...rest } = truncate(exampleOf(prompt + answer), 14)
    expect(rest).toEqual({ outcome: 'prompt-shortened', promptLost: 4, answerLost: 0 })
    expect([...encoded.ids]).toEqual([1, 2, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18])
    expect([...encoded.trained]).toEqual([...Array<number>(8).fill(0), ...Array<number>(6).fill(1)])
  })

  it("cuts the answer's end only when the prompt is down to a quarter of the room", () => {
    const encoded = exampleOf(prompt + '#'.repeat(10))
    expect(truncate(encoded, 13)).toMatchObject({ outcome: 'prompt-shortened', promptLost: 9, answerLost: 0 })
    expect(truncate(encoded, 12)).toMatchObject({ outcome: 'answer-shortened', promptLost: 9, answerLost: 1 })
    expect([...truncate(encoded, 8).encoded.ids]).toEqual([11, 12, 13, 14, 15, 16, 17, 18])
  })

  it('cuts plain text at its end', () => {
    expect(truncate(exampleOf('#'.repeat(9)), 4)).toMatchObject({ outcome: 'answer-shortened', answerLost: 5 })
  })

  it('ends a cut conversation with its last learned token', () => {
    const { outcome, encoded } = truncate(exampleOf('..##......##'), 8)
    expect([outcome, ...encoded.ids]).toEqual(['answer-shortened', 1, 2, 3, 4])
  })

  it.each([
    ['', 10],
    ['....', 3],
    ['#...', 10],
    ['.#', 1],
  ])('calls "%s" in %i tokens impossible', (marks, maxLength) => {
    expect(truncate(exampleOf(marks), maxLength)).toMatchObject({ outcome: 'impossible' })
  })

  it('holds its promises for any row', () => {
    fc.assert(
      fc.property(anyMarks, fc.integer({ min: 1, max: 70 }), (marks, maxLength) => {
        const original = exampleOf(marks)
        const { outcome, encoded, answerLost, promptLost } = truncate(original, maxLength)
        if (outcome === 'impossible') return
        const ids = [...encoded.ids]
        expect(ids.length).toBeLessThanOrEqual(maxLength)
        expect(countTargets(encoded)).toBeGreaterThan(0)
        expect(ids).toEqual(ids.toSorted((a, b) => a - b))
        ids.forEach((id, t) => expect(encoded.trained[t]).toBe(original.trained[id - 1]))
        if (outcome !== 'answer-shortened') {
          expect(answerLost).toBe(0)
          expect(encoded.trained.filter(Boolean)).toEqual(original.trained.filter(Boolean))
        }
        if (outcome === 'whole') expect(promptLost).toBe(0)
      }),
    )
  })

  it('calls no row impossible that has a target behind its prompt', () => {
    fc.assert(
      fc.property(
        fc.nat({ max: 40 }),
        fc.integer({ min: 1, max: 40 }),
        fc.integer({ min: 2, max: 70 }),
        (p, a, max) => {
          const { outcome } = truncate(exampleOf(`.${'.'.repeat(p)}${'#'.repeat(a)}`), max)
          expect(outcome).not.toBe('impossible')
        },
      ),
    )
  })
})

it('shortenPrompt keeps the beginning and the end', () => {
  expect([...shortenPrompt(Int32Array.of(1, 2, 3, 4, 5, 6, 7, 8, 9), 4)]).toEqual([1, 7, 8, 9])
  expect([...shortenPrompt(Int32Array.of(1, 2), 4)]).toEqual([1, 2])
  expect([...shortenPrompt(Int32Array.of(1, 2, 3), 1)]).toEqual([3])
})

it('countOutcomes counts every outcome', () => {
  expect(countOutcomes(['whole', 'impossible', 'whole'])).toEqual({
    whole: 2,
    'prompt-shortened': 0,
    'answer-shortened': 0,
    impossible: 1,
  })
})
