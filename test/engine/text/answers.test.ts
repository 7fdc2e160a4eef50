import { expect, it } from 'vitest'
import { isExactMatch, labelOf, normaliseAnswer } from '../../../main/engine/text'

it('compares answers without regard to blanks, but to case', () => {
  expect(normaliseAnswer('  a\n\n b\t')).toBe('a b')
  expect(isExactMatch('four\n', ' four')).toBe(true)
  expect(isExactMatch('Four', 'four')).toBe(false)
})

it.each([
  ['positive', 'positive'],
  [' positive, because it shines', 'positive'],
  ['very  positive!', 'very positive'],
  ['positively', undefined],
  ['I think positive', undefined],
  ['', undefined],
  ['正面情绪', '正面'],
  ['1', '1'],
  ['12', undefined],
])('reads the label of "%s" as %s', (answer, label) => {
  expect(labelOf(answer, ['positive', 'very', 'very positive', '正面', '1', ''])).toBe(label)
})

it('leaves case aside only where no label is meant as it stands', () => {
  expect(labelOf('POSITIVE.', ['positive', 'negative'])).toBe('positive')
  expect(labelOf('US citizen', ['us', 'US'])).toBe('US')
  expect(labelOf('Positively', ['positive'])).toBeUndefined()
})
