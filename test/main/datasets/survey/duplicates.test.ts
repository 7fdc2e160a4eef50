import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { importDataset, mapDataset } from '../../../../main/datasets'
import { numberSet } from '../../../../main/datasets/survey/number-set'
import { jsonl, tempFolder, utf8 } from '../helpers'

describe('the duplicates of a dataset', () => {
  const importRows = async (rows: readonly unknown[], datasetsDir: string) =>
    importDataset({ file: { name: 'a.jsonl', bytes: utf8(jsonl(rows)) }, datasetsDir })

  it('are counted among usable rows: word for word, and but for case, blanks and punctuation', async () => {
    const rows = [
      { prompt: 'What is it?', completion: 'A cat.' },
      { prompt: 'What is it?', completion: 'A cat.', source: 'elsewhere' },
      { prompt: 'what  is it', completion: 'a CAT' },
      { prompt: 'What is it?', completion: 'A dog.' },
      { prompt: 'What is it?', completion: '' },
      { prompt: 'What is it?', completion: '' },
    ]
    const dataset = await importRows(rows, await tempFolder())
    expect(dataset).toMatchObject({ rows: 4, problems: 2, duplicates: { exact: 1, near: 1 } })
  })

  it('are counted anew when columns are mapped', async () => {
    const datasetsDir = await tempFolder()
    const rows = [1, 2, 3].map((id) => ({ id, frage: 'What?', antwort: 'That.' }))
    const { id, duplicates } = await importRows(rows, datasetsDir)
    expect(duplicates).toEqual({ exact: 0, near: 0 })
    const mapping = { form: 'mapped' as const, input: ['frage'], answer: 'antwort' }
    expect((await mapDataset(datasetsDir, id, mapping)).duplicates).toEqual({ exact: 2, near: 0 })
  })
})

describe('numberSet', () => {
  it('does what a set does, while it grows', () => {
    fc.assert(
      fc.property(fc.array(fc.oneof(fc.maxSafeNat(), fc.nat(50)), { maxLength: 400 }), (values) => {
        const mine = numberSet(4)
        const real = new Set<number>()
        for (const value of values.map((each) => Math.min(each, 2 ** 53 - 2))) {
          expect(mine.add(value)).toBe(!real.has(value))
          real.add(value)
        }
      }),
    )
  })

  it('stays within its bound: a full one knows what it has and takes nothing more', () => {
    const set = numberSet(4, 16)
    const added = Array.from({ length: 40 }, (_, value) => set.add(value))
    expect(added).toEqual(Array.from({ length: 40 }, () => true))
    expect(set.add(0)).toBe(false)
    expect(set.add(39)).toBe(true)
    expect(set.add(39)).toBe(true)
  })
})
