import { createHash } from 'node:crypto'
import { readdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { importDataset, openDataset, type ImportProgress } from '../../../main/datasets'
import { GraftError } from '../../../main/engine/errors'
import { HostError } from '../../../main/files'
import { jsonl, tempFolder, utf8 } from './helpers'

const now = () => new Date('2030-01-02T03:04:05Z')

async function importText(datasetsDir: string, name: string, text: string) {
  return importDataset({ file: { name, bytes: utf8(text) }, datasetsDir, now })
}

async function allRows(datasetsDir: string, id: string): Promise<string[]> {
  const opened = await openDataset(datasetsDir, id)
  const rows = await opened.rows(0, 1_000_000)
  await opened.close()
  return rows.map(({ text }) => text)
}

describe('importDataset', () => {
  it('writes the five files of a dataset and describes it', async () => {
    const folder = await tempFolder()
    const path = join(folder, 'My Räts!.jsonl')
    const good = '{"prompt":"a","completion":"b","n":1.0}'
    await writeFile(path, `${good}\n{"prompt":"a"}\n{bad\n${good}\n`)
    const datasetsDir = join(folder, 'datasets')
    const dataset = await importDataset({ file: path, datasetsDir, now })
    const rows = await readFile(join(datasetsDir, 'my-räts', 'rows.jsonl'))
    expect(dataset).toEqual({
      id: 'my-räts',
      name: 'My Räts!',
      sourceFile: 'My Räts!.jsonl',
      sourceFormat: 'jsonl',
      encoding: 'UTF-8',
      bytes: Buffer.byteLength(`${good}\n{"prompt":"a"}\n{bad\n${good}\n`),
      fingerprint: createHash('sha256').update(rows).digest('hex'),
      importedAt: '2030-01-02T03:04:05.000Z',
      form: 'prompt-completion',
      columns: ['prompt', 'completion', 'n'],
      duplicates: { exact: 1, near: 0 },
      rows: 2,
      problems: 2,
    })
    expect(await readdir(datasetsDir)).toEqual(['my-räts'])
    expect((await readdir(join(datasetsDir, 'my-räts'))).sort()).toEqual([
      'dataset.json',
      'problems.jsonl',
      'rows.index',
      'rows.jsonl',
      'rows.keys',
    ])
    expect(rows.toString()).toBe(`${good}\n{"prompt":"a"}\n${good}\n`)
    expect(JSON.parse(await readFile(join(datasetsDir, 'my-räts', 'dataset.json'), 'utf8'))).toEqual(dataset)
  })

  it.each([
    ['alpaca', { instruction: 'i', output: 'o' }],
    [
      'sharegpt',
      {
        conversations: [
          { from: 'human', value: 'q' },
          { from: 'gpt', value: 'a' },
        ],
      },
    ],
    [
      'openai',
      {
        messages: [
          { role: 'user', content: 'q' },
          { role: 'assistant', content: 'a' },
        ],
      },
    ],
    ['prompt-completion', { prompt: 'p', completion: 'c' }],
    ['text', { text: 't' }],
    ['unknown', { question: 'q', answer: 'a' }],
  ])('recognises %s', async (form, row) => {
    const dataset = await importText(await tempFolder(), 'd.jsonl', jsonl([row, row]))
    expect(dataset).toMatchObject({ form, rows: 2, problems: 0, columns: Object.keys(row) })
  })

  it('names line, field and reason of rows that the form cannot use, in the order of the file', async () => {
    const datasetsDir = await tempFolder()
    const file = jsonl([
      { prompt: 'a', completion: 'b' },
      { prompt: 'a', completion: ' ' },
      { prompt: 'a', completion: 5 },
      { prompt: 'a' },
    ])
    const { id, rows, problems } = await importText(datasetsDir, 'd.jsonl', `${file}{"prompt":"a"]\n`)
    expect([rows, problems]).toEqual([1, 4])
    const opened = await openDataset(datasetsDir, id)
    const found = await opened.problems(0, 10)
    expect(found.map(({ line, field, code }) => [line, field, code])).toEqual([
      [2, 'completion', 'answer-empty'],
      [3, 'completion', 'field-type'],
      [4, 'completion', 'field-missing'],
      [5, 'prompt', 'json-syntax'],
    ])
    expect(await opened.problems(1, 2)).toEqual(found.slice(1, 3))
    expect(await opened.problems(4, 2)).toEqual([])
    await opened.close()
  })

  it('goes by the form of most rows, and lists the others', async () => {
    const datasetsDir = await tempFolder()
    const text = jsonl([
      { prompt: 'a' },
      { prompt: 'a', completion: 'b' },
      { text: 'c' },
      { prompt: 'a', completion: 'b' },
    ])
    const { id, ...dataset } = await importText(datasetsDir, 'd.jsonl', `{\n{\n${text}`)
    expect(dataset).toMatchObject({ form: 'prompt-completion', rows: 2, problems: 4 })
    const opened = await openDataset(datasetsDir, id)
    expect((await opened.problems(0, 9)).map(({ line }) => line)).toEqual([1, 2, 3, 5])
    await opened.close()
  })

  it('finds the labels of a classification, and none elsewhere', async () => {
    const datasetsDir = await tempFolder()
    const row = (index: number, labels: number) => ({ prompt: `${index}`, completion: `label ${index % labels}` })
    const many = (count: number, labels: number) =>
      jsonl(Array.from({ length: count }, (_, index) => row(index, labels)))
    expect((await importText(datasetsDir, 'd.jsonl', many(9, 3))).labels).toEqual(['label 0', 'label 1', 'label 2'])
    expect(await importText(datasetsDir, 'd.jsonl', many(8, 3))).not.toHaveProperty('labels')
    const long = jsonl([0, 1, 2, 3, 4, 5].map((n) => ({ prompt: 'a', completion: `${n % 2}`.repeat(65) })))
    expect(await importText(datasetsDir, 'd.jsonl', long)).not.toHaveProperty('labels')
  })

  it('takes a long list for labels only where they repeat more', async () => {
    const datasetsDir = await tempFolder()
    const intents = (count: number, labels: number) =>
      jsonl(
        Array.from({ length: count }, (_, index) => ({
          prompt: `${index}`,
          completion: `balance_not_updated_after_deposit_number_${index % labels}`,
        })),
      )
    expect((await importText(datasetsDir, 'd.jsonl', intents(770, 77))).labels).toHaveLength(77)
    expect(await importText(datasetsDir, 'd.jsonl', intents(769, 77))).not.toHaveProperty('labels')
    expect((await importText(datasetsDir, 'd.jsonl', intents(2560, 256))).labels).toHaveLength(256)
    expect(await importText(datasetsDir, 'd.jsonl', intents(4000, 257))).not.toHaveProperty('labels')
  })

  it('gives datasets of one name ids of their own, also when they come at once', async () => {
    const datasetsDir = await tempFolder()
    const text = jsonl([{ text: 'a' }])
    const names = ['Ein Name.jsonl', 'ein-name.JSONL', 'EIN NAME', '数据 集.jsonl', '...jsonl', 'con.jsonl']
    const datasets = await Promise.all(names.map((name) => importText(datasetsDir, name, text)))
    const ids = datasets.map(({ id }) => id)
    expect(ids.slice(0, 3).sort()).toEqual(['ein-name', 'ein-name-2', 'ein-name-3'])
    expect(ids.slice(3)).toEqual(['数据-集', 'dataset', 'dataset-con'])
    expect((await readdir(datasetsDir)).sort()).toEqual([...ids].sort())
  })

  it('takes a stream, tells how far it is, and can be cancelled without a trace', async () => {
    const datasetsDir = await tempFolder()
    const chunk = utf8(jsonl(Array.from({ length: 10_000 }, (_, text) => ({ text: `row ${text}` }))))
    let closed = 0
    async function* stream() {
      try {
        for (let index = 0; index < 4; index++) yield chunk
      } finally {
        closed++
      }
    }
    const seen: ImportProgress[] = []
    const onProgress = (progress: ImportProgress) => seen.push(progress)
    const dataset = await importDataset({ file: { name: 'a.jsonl', stream: stream() }, datasetsDir, onProgress })
    expect(dataset.rows).toBe(40_000)
    expect(seen.at(-1)).toEqual({ bytes: 4 * chunk.length, totalBytes: 0, rows: 40_000, problems: 0 })

    const controller = new AbortController()
    const cancelled = importDataset({
      file: { name: 'b.jsonl', stream: stream() },
      datasetsDir,
      onProgress: () => controller.abort(),
      signal: controller.signal,
    })
    await expect(cancelled).rejects.toMatchObject({ code: 'cancelled' })
    expect(closed).toBe(2)
    expect(await readdir(datasetsDir)).toEqual(['a'])
  })

  it.each([
    ['an empty file', 'd.jsonl', '', 'got none'],
    ['a header alone', 'd.csv', 'a,b\n', 'got none'],
    ['bad rows alone', 'd.jsonl', '{"a"\n{"b"\n', '2 problems, the first in line 1'],
    ['rows of no use', 'd.jsonl', '{"prompt":"a","completion":""}\n', '1 problem, the first in line 1'],
  ])('says what it found in %s', async (_what, name, text, words) => {
    const datasetsDir = await tempFolder()
    const failure = importText(datasetsDir, name, text)
    await expect(failure).rejects.toMatchObject({ code: 'dataset-empty' })
    await expect(failure).rejects.toThrow(words)
    expect(await readdir(datasetsDir)).toEqual([])
  })

  it('says that there is no such file', async () => {
    const folder = await tempFolder()
    const failure = importDataset({ file: join(folder, 'none.csv'), datasetsDir: join(folder, 'datasets') })
    await expect(failure).rejects.toThrow(HostError)
    expect(await readdir(folder)).toEqual([])
  })
})

describe('what comes back', () => {
  const row = fc.dictionary(
    fc.string({ unit: 'binary', minLength: 1 }),
    fc.oneof(fc.string({ unit: 'binary' }), fc.jsonValue()),
    { minKeys: 1 },
  )

  it('is every JSON row byte for byte, from JSON Lines and from a list', async () => {
    const datasetsDir = await tempFolder()
    await fc.assert(
      fc.asyncProperty(fc.array(row, { minLength: 1 }), fc.boolean(), async (rows, asList) => {
        const lines = rows.map((value) => JSON.stringify(value))
        const file = asList ? `[${lines.join(', ')}]` : lines.join('\n')
        const { id, rows: usable } = await importText(datasetsDir, asList ? 'a.json' : 'a.jsonl', file)
        const stored = (await readFile(join(datasetsDir, id, 'rows.jsonl'), 'utf8')).split('\n').slice(0, -1)
        expect(stored).toEqual(lines)
        if (usable === rows.length) expect(await allRows(datasetsDir, id)).toEqual(lines)
      }),
      { numRuns: 60 },
    )
  })

  it('is never less than what stood before a damage, and never an error of another kind', async () => {
    const datasetsDir = await tempFolder()
    const file = utf8(jsonl(Array.from({ length: 6 }, (_, n) => ({ question: `q${n} "é😀"`, answer: n }))))
    const lines = new TextDecoder().decode(file).split('\n')
    const names = fc.constantFrom('a.jsonl', 'a.json', 'a.csv', 'a')
    await fc.assert(
      fc.asyncProperty(names, fc.nat(file.length - 1), fc.uint8Array({ maxLength: 8 }), async (name, at, junk) => {
        const bytes = Uint8Array.from(file)
        bytes.set(junk.subarray(0, bytes.length - at), at)
        const whole = new TextDecoder().decode(file.subarray(0, at)).split('\n').length - 1
        try {
          const { id } = await importDataset({ file: { name, bytes }, datasetsDir })
          const kept = (await allRows(datasetsDir, id)).slice(0, whole)
          if (whole >= 1) expect(kept).toEqual(lines.slice(0, whole))
        } catch (error) {
          expect(error).toBeInstanceOf(GraftError)
          // Bytes of no text make the file unreadable as a whole; so does damage to the first line.
          if (!junk.includes(0)) expect(whole).toBe(0)
        }
      }),
      { numRuns: 150 },
    )
  })
})
