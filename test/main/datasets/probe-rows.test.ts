import { expect, it } from 'vitest'
import { columnValues, importDataset, openDataset, probeRows } from '../../../main/datasets'
import { jsonl, tempFolder, utf8 } from './helpers'

async function opened(rows: readonly object[], name = 'rows.jsonl') {
  const datasetsDir = await tempFolder()
  const { id } = await importDataset({ file: { name, bytes: utf8(jsonl(rows)) }, datasetsDir })
  return openDataset(datasetsDir, id)
}
const row = (n: number) => ({ prompt: `p${n}`, completion: 'x'.repeat(1 + ((n * 37) % 100)), part: n % 5 })

it('takes all rows of a small dataset, and of a large one the longest and the first', async () => {
  const small = await opened(Array.from({ length: 4 }, (_, n) => row(n)))
  expect(await probeRows(small, 8)).toHaveLength(4)
  const large = await opened(Array.from({ length: 100 }, (_, n) => row(n)))
  const lengths = (await probeRows(large, 8)).map(
    (content) => content.kind === 'completion' && content.completion.length,
  )
  expect(lengths).toEqual([100, 99, 98, 97, 96, 95, 1, 38])
})

it('has nothing to say of rows that nobody has mapped', async () => {
  expect(await probeRows(await opened([{ a: 'x', b: 'y' }]), 8)).toEqual([])
})

it('counts a column’s values, the most frequent first, numbers and absent ones as text', async () => {
  const rows = [...Array.from({ length: 7 }, (_, n) => row(n)), { prompt: 'a', completion: 'b' }]
  const { values, more } = await columnValues(await opened(rows), 'part')
  expect(values.map(({ value, rows: count }) => `${value}: ${count}`)).toEqual([
    '0: 2',
    '1: 2',
    '2: 1',
    '3: 1',
    '4: 1',
    ': 1',
  ])
  expect(more).toBe(false)
})

it('gives up a column that has too many values to choose among', async () => {
  const many = await opened(Array.from({ length: 2000 }, (_, n) => row(n)))
  const { values, more } = await columnValues(many, 'prompt')
  expect([values.length, more]).toEqual([32, true])
})
