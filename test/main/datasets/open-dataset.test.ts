import { appendFile, mkdir, readdir, rm, truncate, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import {
  importDataset,
  listDatasets,
  mapDataset,
  openDataset,
  previewRows,
  removeDataset,
} from '../../../main/datasets'
import { GraftError } from '../../../main/engine/errors'
import { jsonl, tempFolder, utf8 } from './helpers'

async function imported(datasetsDir: string, name: string, rows: readonly unknown[], date = '2030-01-01') {
  return importDataset({ file: { name, bytes: utf8(jsonl(rows)) }, datasetsDir, now: () => new Date(date) })
}

async function listed<T>(items: AsyncIterable<T>): Promise<T[]> {
  const list: T[] = []
  for await (const item of items) list.push(item)
  return list
}

describe('openDataset', () => {
  it('reads any usable row of many at once', async () => {
    const datasetsDir = await tempFolder()
    const row = (n: number) => ({ prompt: `é${n}`, completion: n % 3 === 0 ? '' : 'x'.repeat(n % 50) })
    const rows = Array.from({ length: 30_000 }, (_, n) => row(n))
    const usable = rows.filter(({ completion }) => completion !== '')
    const { id } = await imported(datasetsDir, 'many.jsonl', rows)
    const opened = await openDataset(datasetsDir, id)
    expect(opened.dataset.rows).toBe(usable.length)
    expect(await opened.row(0)).toEqual(usable[0])
    expect(await opened.rowText(usable.length - 1)).toBe(JSON.stringify(usable.at(-1)))
    expect((await opened.rows(12_345, 3)).map(({ text }) => JSON.parse(text) as unknown)).toEqual(
      usable.slice(12_345, 12_348),
    )
    expect(await opened.rows(usable.length - 1, 10)).toHaveLength(1)
    expect(await opened.rows(usable.length + 5, 10)).toEqual([])
    let index = 0
    for await (const { index: at, line, content } of opened.contents()) {
      expect(at).toBe(index)
      const expected = usable[index++]
      expect(content).toEqual({ kind: 'completion', ...expected })
      expect(rows[line - 1]).toBe(expected)
    }
    expect(index).toBe(usable.length)
    for (const at of [-1, usable.length, 0.5]) await expect(opened.row(at)).rejects.toThrow(GraftError)
    await opened.close()
  })

  it('picks rows from anywhere', async () => {
    const datasetsDir = await tempFolder()
    const rows = Array.from({ length: 5000 }, (_, n) => ({ text: `row ${n}`, n }))
    const { id } = await imported(datasetsDir, 'many.jsonl', rows)
    const opened = await openDataset(datasetsDir, id)
    const places = [0, 1, 2, 70, 900, 901, 4999]
    const picked = await listed(opened.pick(places))
    expect(picked.map(({ index }) => index)).toEqual(places)
    expect(picked.map(({ line }) => line)).toEqual(places.map((place) => place + 1))
    expect(picked.map(({ content }) => content)).toEqual(places.map((n) => ({ kind: 'text', text: `row ${n}` })))
    expect(await listed(opened.pick([]))).toEqual([])
    await opened.close()
  })

  it('knows which rows belong together, from the import or else from the rows', async () => {
    const datasetsDir = await tempFolder()
    const rows = [
      { prompt: 'One?', completion: 'a' },
      { prompt: 'Two', completion: '' },
      { prompt: 'one', completion: 'b' },
      { prompt: '!', completion: '?' },
    ]
    const { id } = await imported(datasetsDir, 'a.jsonl', rows)
    const keysOf = async (seen: number[]) => {
      const opened = await openDataset(datasetsDir, id)
      const keys = await opened.keys(async ({ index }) => void seen.push(index))
      await opened.close()
      return { prompt: Array.from(keys.prompt), whole: Array.from(keys.whole) }
    }
    const [quickly, slowly]: [number[], number[]] = [[], []]
    const stored = await keysOf(quickly)
    expect(stored.prompt[0]).toBe(stored.prompt[1])
    expect(stored.prompt[2]).toBeNaN()
    expect(new Set(stored.whole).size).toBe(3)
    await rm(join(datasetsDir, id, 'rows.keys'))
    expect(await keysOf(slowly)).toEqual(stored)
    expect([quickly, slowly]).toEqual([[], [0, 1, 2]])

    await mapDataset(datasetsDir, id, { form: 'mapped', input: ['completion'], answer: 'prompt' })
    const mapped = await keysOf(quickly)
    expect(mapped.whole).toHaveLength(3)
    expect(mapped.prompt).not.toEqual(stored.prompt)
    await writeFile(join(datasetsDir, id, 'rows.keys'), 'torn')
    expect(await keysOf(slowly)).toEqual(mapped)
    expect([quickly.length, slowly.length]).toEqual([0, 6])
  })

  it('wants a mapping before it tells contents', async () => {
    const datasetsDir = await tempFolder()
    const { id } = await imported(datasetsDir, 'a.jsonl', [{ q: 'a', a: 'b' }])
    const opened = await openDataset(datasetsDir, id)
    await expect(opened.contents().next()).rejects.toMatchObject({ code: 'dataset-unmapped' })
    expect(await previewRows(opened, 0, 5)).toEqual([{ line: 1, source: '{"q":"a","a":"b"}' }])
    await opened.close()
    await mapDataset(datasetsDir, id, { form: 'mapped', input: ['q'], answer: 'a' })
    const mapped = await openDataset(datasetsDir, id)
    const messages = [
      { role: 'user', content: 'a' },
      { role: 'assistant', content: 'b' },
    ]
    expect(await previewRows(mapped, 0, 5)).toEqual([{ line: 1, source: '{"q":"a","a":"b"}', messages }])
    await mapped.close()
  })

  it('previews completions and plain text', async () => {
    const datasetsDir = await tempFolder()
    const preview = async (row: unknown) => {
      const opened = await openDataset(datasetsDir, (await imported(datasetsDir, 'a.jsonl', [row])).id)
      const rows = await previewRows(opened, 0, 1)
      await opened.close()
      return rows[0]
    }
    expect(await preview({ prompt: 'p', completion: 'c' })).toMatchObject({ prompt: 'p', completion: 'c' })
    expect(await preview({ text: 't' })).toMatchObject({ text: 't' })
  })

  it.each([
    ['a torn index', async (folder: string) => truncate(join(folder, 'rows.index'), 20)],
    ['an empty index', async (folder: string) => truncate(join(folder, 'rows.index'), 0)],
    ['an index of another dataset', async (folder: string) => appendFile(join(folder, 'rows.index'), Buffer.alloc(16))],
    ['a description that is no JSON', async (folder: string) => writeFile(join(folder, 'dataset.json'), '{')],
    ['a description of another kind', async (folder: string) => writeFile(join(folder, 'dataset.json'), '{"id":1}')],
  ])('refuses %s', async (_what, damage) => {
    const datasetsDir = await tempFolder()
    const { id } = await imported(datasetsDir, 'a.jsonl', [{ text: 'a' }])
    await damage(join(datasetsDir, id))
    await expect(openDataset(datasetsDir, id)).rejects.toMatchObject({ code: 'dataset-broken' })
  })

  it('maps anew a dataset whose mapping was interrupted', async () => {
    const datasetsDir = await tempFolder()
    const { id, ...before } = await imported(datasetsDir, 'a.jsonl', [
      { q: 'a', a: '' },
      { q: 'a', a: 'b' },
    ])
    await mapDataset(datasetsDir, id, { form: 'mapped', input: ['q'], answer: 'a' })
    await writeFile(join(datasetsDir, id, 'dataset.json'), JSON.stringify({ id, ...before }))
    await expect(openDataset(datasetsDir, id)).rejects.toMatchObject({ code: 'dataset-broken' })
    await mapDataset(datasetsDir, id, { form: 'mapped', input: ['q'], answer: 'a' })
    const opened = await openDataset(datasetsDir, id)
    expect(opened.dataset.rows).toBe(1)
    await opened.close()
  })
})

describe('the list of datasets', () => {
  it('is empty where there is no folder yet', async () => {
    expect(await listDatasets(join(await tempFolder(), 'none'))).toEqual({ datasets: [], broken: [] })
  })

  it('has the newest first, and a broken one hides no other', async () => {
    const datasetsDir = await tempFolder()
    const old = await imported(datasetsDir, 'old.jsonl', [{ text: 'a' }], '2030-01-01')
    const young = await imported(datasetsDir, 'young.jsonl', [{ text: 'a' }], '2030-01-02')
    await mkdir(join(datasetsDir, 'empty'))
    await mkdir(join(datasetsDir, 'torn'))
    await mkdir(join(datasetsDir, '.importing-left'))
    await writeFile(join(datasetsDir, 'torn', 'dataset.json'), '{"id":')
    await writeFile(join(datasetsDir, 'note.txt'), 'no dataset')
    const { datasets, broken } = await listDatasets(datasetsDir)
    expect(datasets).toEqual([young, old])
    expect(broken.map(({ id }) => id).sort()).toEqual(['empty', 'torn'])
    for (const { id, message } of broken) expect(message).toContain(`dataset ${id}: expected`)
  })

  it('loses a dataset that is removed, whole', async () => {
    const datasetsDir = await tempFolder()
    const { id } = await imported(datasetsDir, 'a.jsonl', [{ text: 'a' }])
    await removeDataset(datasetsDir, id)
    expect(await readdir(datasetsDir)).toEqual([])
    await expect(openDataset(datasetsDir, id)).rejects.toMatchObject({ code: 'dataset-missing' })
  })

  it.each(['', '..', '../x', 'a/b', 'a\\b', '.hidden'])('never leaves its folder for the id %j', async (id) => {
    const datasetsDir = await tempFolder()
    await expect(removeDataset(datasetsDir, id)).rejects.toMatchObject({ code: 'invalid-argument' })
    await expect(openDataset(datasetsDir, id)).rejects.toMatchObject({ code: 'invalid-argument' })
  })
})
