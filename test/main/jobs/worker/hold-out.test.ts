import { describe, expect, it } from 'vitest'
import { divideRows, fairOrder, leakNotes, type DividedRow } from '../../../../main/jobs/worker/tuning/hold-out'
import { trainingSchema } from '../../../../preload/contract'

const row = (prompt: string, completion: string, value?: string): DividedRow => ({
  content: { kind: 'completion', prompt, completion },
  value,
})
/** Five answers to each question. */
const rows = Array.from({ length: 100 }, (_, n) =>
  row(`Question ${Math.floor(n / 5)}`, `${n}`, n % 4 === 0 ? 'test' : 'train'),
)
const training = (changes: object) => trainingSchema.parse({ validationShare: 0.2, ...changes })

describe('divideRows', () => {
  it('keeps the answers to one question on one side', () => {
    const division = divideRows(rows, training({}))
    expect([division.train.length, division.validation.length]).toEqual([80, 20])
    expect(leakNotes(division)).toEqual([])
  })

  it('lets them fall apart where that is wanted, and says what it means', () => {
    const division = divideRows(rows, training({ keepTogether: false }))
    expect(division.validation).toHaveLength(20)
    expect(leakNotes(division)).toEqual([
      expect.stringMatching(/^\d+ of 20 validation rows ask what a training row asks too: /),
    ])
  })

  it('goes by the value of a column', () => {
    const validation = { kind: 'column', column: 'split', value: 'test' } as const
    const division = divideRows(rows, training({ validation }))
    expect(division.validation.map(({ value }) => value)).toEqual(Array.from({ length: 25 }, () => 'test'))
    expect(division.train).toHaveLength(75)
  })

  it('says which values there are', () => {
    const validation = { kind: 'column', column: 'split', value: 'dev' } as const
    expect(() => divideRows(rows, training({ validation }))).toThrow(
      'validation: expected rows with "dev" in the column "split", got none; choose among "test", "train"',
    )
  })

  it('trains on every row where the others come from elsewhere', () => {
    const validation = { kind: 'dataset', id: 'other' } as const
    expect(divideRows(rows, training({ validation }))).toEqual({ train: rows, validation: [] })
  })
})

describe('fairOrder', () => {
  it('has every row once, not in the order of the file, and the same again', () => {
    const order = fairOrder(rows, 1)
    expect(new Set(order)).toEqual(new Set(rows))
    expect(order).not.toEqual(rows)
    expect(fairOrder(rows, 1)).toEqual(order)
    expect(fairOrder(rows, 2)).not.toEqual(order)
  })
})
