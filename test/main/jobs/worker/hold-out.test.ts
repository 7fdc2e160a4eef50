import { describe, expect, it } from 'vitest'
import { contentKeys, identityKeys, identityOf, type RowContent } from '../../../../main/engine/text'
import { divideRows, fairOrder, leakNotes } from '../../../../main/jobs/worker/tuning/hold-out'
import { trainingSchema } from '../../../../preload/contract'

/** Five answers to each question; every fourth row is for testing. */
const count = 100
const content = (n: number): RowContent => ({
  kind: 'completion',
  prompt: `Question ${Math.floor(n / 5)}`,
  completion: `${n}`,
})
const places = Array.from({ length: count }, (_, n) => n)
const keys = places.map((n) => identityOf(contentKeys(content(n))))
const identity = identityKeys({ prompt: keys.map(([prompt]) => prompt), whole: keys.map(([, whole]) => whole) })
const rows = { rows: count, identity, values: places.map((n) => (n % 4 === 0 ? 'test' : 'train')) }
const training = (changes: object) => trainingSchema.parse({ validationShare: 0.2, ...changes })

describe('divideRows', () => {
  it('keeps the answers to one question on one side', () => {
    const division = divideRows(rows, training({}))
    expect([division.train.length, division.validation.length]).toEqual([80, 20])
    expect(leakNotes(division, identity)).toEqual([])
  })

  it('lets them fall apart where that is wanted, and says what it means', () => {
    const division = divideRows(rows, training({ keepTogether: false }))
    expect(division.validation).toHaveLength(20)
    expect(leakNotes(division, identity)).toEqual([
      expect.stringMatching(/^\d+ of 20 validation rows ask what a training row asks too: /),
    ])
  })

  it('goes by the value of a column', () => {
    const validation = { kind: 'column', column: 'split', value: 'test' } as const
    const division = divideRows(rows, training({ validation }))
    expect(division.validation).toEqual(places.filter((n) => n % 4 === 0))
    expect(division.train).toEqual(places.filter((n) => n % 4 !== 0))
  })

  it('says which values there are', () => {
    const validation = { kind: 'column', column: 'split', value: 'dev' } as const
    expect(() => divideRows(rows, training({ validation }))).toThrow(
      'validation: expected rows with "dev" in the column "split", got none; choose among "test", "train"',
    )
  })
})

describe('leakNotes', () => {
  it('compares with the rows of another dataset, wherever they stand there', () => {
    const other = [7, identity[50] as number]
    const note = /^1 of 2 validation rows ask/
    expect(leakNotes({ train: places, validation: [0, 1] }, identity, other)).toEqual([expect.stringMatching(note)])
    expect(leakNotes({ train: places.slice(0, 50), validation: [0, 1] }, identity, other)).toEqual([])
  })
})

describe('fairOrder', () => {
  it('has every row once, not in the order of the file, and the same again', () => {
    const order = fairOrder(places, 1)
    expect(new Set(order)).toEqual(new Set(places))
    expect(order).not.toEqual(places)
    expect(fairOrder(places, 1)).toEqual(order)
    expect(fairOrder(places, 2)).not.toEqual(order)
  })
})
