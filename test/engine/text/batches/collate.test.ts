import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { collate, countTargets, createEncoded, ignoredLabel, shiftedLabels } from '../../../../main/engine/text'

import { anyMarks, exampleOf } from './examples'

describe('collate', () => {
  it('lays rows out with shifted labels and right padding', () => {
    const batch = collate([exampleOf('..##'), exampleOf('##')], { rows: 3, length: 5 }, 0)
    expect(batch).toEqual({
      rows: 3,
      length: 5,
      ids: Int32Array.of(1, 2, 3, 4, 0, 1, 2, 0, 0, 0, 0, 0, 0, 0, 0),
      positions: Int32Array.of(0, 1, 2, 3, 4, 0, 1, 2, 3, 4, 0, 1, 2, 3, 4),
      labels: Int32Array.of(-100, 3, 4, -100, -100, 2, -100, -100, -100, -100, -100, -100, -100, -100, -100),
      first: new Int32Array(15),
      last: Int32Array.of(0, 1, 2, 3, 4, 0, 1, 2, 3, 4, 0, 1, 2, 3, 4),
      tokens: 6,
      trainedTokens: 3,
    })
  })

  it('learns the end token even where it is the pad token too', () => {
    const { labels } = collate([createEncoded([5, 6, 9], [{ start: 1, end: 3 }])], { rows: 1, length: 4 }, 9)
    expect([...labels]).toEqual([6, 9, ignoredLabel, ignoredLabel])
  })

  it('keeps every token and every target of any rows', () => {
    fc.assert(
      fc.property(fc.array(anyMarks, { maxLength: 5 }), fc.nat({ max: 3 }), (marks, extra) => {
        const examples = marks.map(exampleOf)
        const shape = { rows: examples.length + extra, length: 60 + extra }
        const batch = collate(examples, shape, 0)
        expect(batch.ids).toHaveLength(shape.rows * shape.length)
        examples.forEach((example, row) => {
          const start = row * shape.length
          expect(batch.ids.slice(start, start + example.ids.length).join()).toBe(example.ids.join())
        })
        expect(batch.tokens).toBe(batch.ids.filter((id) => id !== 0).length)
        expect(batch.trainedTokens).toBe(examples.reduce((sum, example) => sum + countTargets(example), 0))
        const followers = batch.labels.map((label, at) => (label === ignoredLabel ? label : (batch.ids[at + 1] ?? 0)))
        expect(batch.labels).toEqual(followers)
      }),
    )
  })

  it('refuses what does not fit', () => {
    const examples = [exampleOf('.#'), exampleOf('.##')]
    const invalid = expect.objectContaining({ code: 'invalid-argument' })
    expect(() => collate(examples, { rows: 1, length: 9 }, 0)).toThrowError(invalid)
    expect(() => collate(examples, { rows: 2, length: 2 }, 0)).toThrowError(invalid)
  })
})

it('the first token is never a target', () => {
  expect([...shiftedLabels(exampleOf('#'))]).toEqual([ignoredLabel])
  expect([...shiftedLabels(exampleOf('##'))]).toEqual([2, ignoredLabel])
})
