import { describe, expect, it } from 'vitest'
import { ends, fold, groupAnswers, matches } from '../../../../renderer/lib/run/answers'

const sample = (step: number, index: number, answer: string) => ({
  step,
  index,
  prompt: `prompt ${index}`,
  expected: 'yes',
  answer,
})

describe('sample answers', () => {
  it('stand together by prompt, in the order of training', () => {
    const groups = groupAnswers([
      sample(20, 1, 'yes'),
      sample(0, 0, 'no'),
      sample(0, 1, 'well'),
      sample(20, 0, ' yes\n'),
    ])
    expect(groups.map(({ prompt }) => prompt)).toEqual(['prompt 0', 'prompt 1'])
    expect(groups[0]?.answers).toEqual([
      { step: 0, answer: 'no', matches: false },
      { step: 20, answer: ' yes\n', matches: true },
    ])
  })
  it('match whatever their spacing, but not their case', () => {
    expect(matches('a  b\n', 'a b')).toBe(true)
    expect(matches('A b', 'a b')).toBe(false)
  })
})

describe('ends', () => {
  it('needs two', () => {
    expect(ends([])).toBeUndefined()
    expect(ends([1])).toBeUndefined()
    expect(ends([1, 2, 3])).toEqual({ before: 1, after: 3 })
  })
})

describe('fold', () => {
  it('keeps the first and the last few', () => {
    expect(fold([1, 2, 3], 3)).toEqual([1, 2, 3])
    expect(fold([1, 2, 3, 4, 5, 6], 3)).toEqual([1, 5, 6])
  })
})
