import { expect, it } from 'vitest'
import type { Dataset, RowProblem } from '../../../../preload/contract'
import { readingChoices } from '../../../../renderer/lib/setup/reading'

const of = (dataset: Partial<Dataset>, codes: readonly string[] = []) =>
  readingChoices(
    dataset as Dataset,
    codes.map((code): RowProblem => ({ line: 1, code, message: '' })),
  )

it('offers only what a file leaves open', () => {
  expect(of({ encoding: 'UTF-8' })).toMatchObject({ sheets: [], encodings: [], applies: false })
  expect(of({ encoding: 'UTF-8' }, ['json-syntax']).applies).toBe(false)
  expect(of({ sheets: ['one'] }).applies).toBe(false)
  expect(of({ sheets: ['one', 'two'] })).toEqual({
    sheets: ['one', 'two'],
    encodings: [],
    applies: true,
    urgent: false,
  })
  expect(of({ encoding: 'UTF-8' }, ['invalid-utf8'])).toMatchObject({
    encodings: expect.arrayContaining(['windows-1252']) as string[],
    urgent: true,
  })
  expect(of({ encoding: 'GB18030' }).encodings).toContain('UTF-8')
})
