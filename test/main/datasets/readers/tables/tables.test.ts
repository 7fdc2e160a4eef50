import { readFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { importDataset, openDataset } from '../../../../../main/datasets'
import type { ReadOptions } from '../../../../../main/datasets/readers'
import { GraftError } from '../../../../../main/engine/errors'
import { HostError } from '../../../../../main/files'
import { tempFolder } from '../../helpers'

const goldens = resolve(import.meta.dirname, '../../../../goldens/datasets')
const golden = (name: string): string => join(goldens, name)

async function read(file: Parameters<typeof importDataset>[0]['file'], options: ReadOptions = {}) {
  const datasetsDir = await tempFolder()
  const dataset = await importDataset({ file, datasetsDir, ...options })
  const opened = await openDataset(datasetsDir, dataset.id)
  const rows = await opened.rows(0, 1000)
  const problems = await opened.problems(0, 100)
  await opened.close()
  return { dataset, rows, problems }
}

interface Expected {
  readonly questions: readonly { readonly question: string; readonly answer: string }[]
  readonly messages: readonly (readonly object[])[]
}
const expected = async (): Promise<Expected> => JSON.parse(await readFile(golden('expected.json'), 'utf8')) as Expected

describe('Parquet', () => {
  it.each(['none', 'snappy', 'gzip', 'zstd', 'brotli', 'lz4'])('compressed with %s has every text', async (codec) => {
    const { dataset, rows } = await read(golden(`questions-${codec}.parquet`))
    expect(dataset).toMatchObject({ sourceFormat: 'parquet', form: 'unknown', rows: 3, problems: 0 })
    expect(dataset.suggestedMapping).toEqual({ form: 'mapped', input: ['question'], answer: 'answer' })
    const { questions } = await expected()
    const texts = rows.map(({ text }) => JSON.parse(text) as object)
    expect(texts).toMatchObject(questions.map(({ question, answer }) => ({ question, answer })))
    // A number of 64 bits keeps its digits.
    expect(rows.map(({ text }) => /"id":(-?\d+)\}$/.exec(text)?.[1])).toEqual(['9007199254740993', '-1', '0'])
  })

  it('has lists of messages, over several row groups', async () => {
    const { dataset, rows } = await read(golden('messages.parquet'))
    expect(dataset).toMatchObject({ form: 'openai', columns: ['messages', 'tags'], rows: 6, problems: 0 })
    const found = rows.map(({ text }) => JSON.parse(text) as { messages: object[]; tags: unknown })
    expect(found.map(({ messages }) => messages)).toEqual((await expected()).messages)
    expect(found.map(({ tags }) => tags)).toEqual([['a', 'b'], [], null, ['c'], ['d'], [null, 'e']])
    expect(rows.map(({ line }) => line)).toEqual([1, 2, 3, 4, 5, 6])
  })

  it('has moments, decimals, large numbers and bytes as texts that lose nothing', async () => {
    const { rows, problems } = await read(golden('types.parquet'))
    const always = '"micro":"2024-05-19T13:45:00.123456","nano":"2024-05-19T13:45:00.123456789","day":"2024-05-19"'
    expect(rows.slice(0, 3).map(({ text }) => text)).toEqual([
      `{"text":"a","milli":"2024-05-19T13:45:00",${always},"money":"0.10","real":0.1,"whole":9223372036854775807,"natural":18446744073709551615,"flag":true,"bytes":"text"}`,
      `{"text":"b","milli":null,${always},"money":"-12345678901234567890.05","real":"NaN","whole":-9223372036854775808,"natural":0,"flag":false,"bytes":"/wA="}`,
      `{"text":"a","milli":"2024-05-19T13:45:00.12",${always},"money":"1.00","real":1e+300,"whole":null,"natural":2,"flag":true,"bytes":null}`,
    ])
    expect(problems.map(({ line, code }) => `${line} ${code}`)).toEqual(
      [3, 7, 11, 15, 19].map((line) => `${line} field-missing`),
    )
  })

  it('reports a text that is no UTF-8 and goes on', async () => {
    const { rows, problems } = await read(golden('broken-text.parquet'))
    expect(rows.map(({ text }) => text)).toEqual(['{"text":"good"}', '{"text":"fine"}'])
    expect(problems).toMatchObject([{ line: 2, field: 'text', code: 'invalid-utf8' }])
  })

  it('comes from a stream and from memory too', async () => {
    const bytes = await readFile(golden('messages.parquet'))
    async function* stream() {
      for (let at = 0; at < bytes.length; at += 100) yield bytes.subarray(at, at + 100)
    }
    const found = await read({ name: 'm.parquet', stream: stream() })
    expect(found.dataset).toMatchObject({ rows: 6, bytes: bytes.length })
    expect((await read({ name: 'm.parquet', bytes })).rows).toEqual(found.rows)
  })
})

describe('xlsx', () => {
  it('is the first sheet, every cell the text that the file holds', async () => {
    const { dataset, rows, problems } = await read(golden('cells.xlsx'))
    expect(dataset).toMatchObject({
      sourceFormat: 'xlsx',
      columns: ['text', 'number', 'day', 'moment', 'flag', 'formula', 'column 7', 'text (2)'],
      notes: ['sheet "Cells" was read, of "Cells", "Other"'],
    })
    expect(rows.map(({ line, text }) => [line, ...Object.values(JSON.parse(text) as object)])).toEqual([
      [3, ' two\nlines ', '0.1', '2024-05-19', '2024-05-19T13:45:00', 'TRUE', '', '', 'x'],
      [4, '007', '12345678901234', '', '', 'FALSE', '', '', '\ty'],
      [6, '你好 🌱', '-1.5e-07', '', '', '', '', 'z', '05/19/2024'],
    ])
    expect(problems.map(({ line, column, code }) => [line, column, code])).toEqual([
      [2, 7, 'empty-header'],
      [2, 8, 'duplicate-header'],
    ])
  })

  it('is the sheet that is named, and says which there are', async () => {
    const { dataset, rows } = await read(golden('cells.xlsx'), { sheet: 'Other' })
    expect(dataset).toMatchObject({ form: 'prompt-completion', rows: 1 })
    expect(rows[0]?.text).toBe('{"prompt":"a","completion":"b"}')
    await expect(read(golden('cells.xlsx'), { sheet: 'None' })).rejects.toThrow(
      'cells.xlsx: expected one of the sheets Cells, Other, got "None"; choose one of these',
    )
  })
})

describe('a damaged table', () => {
  it.each(['types.parquet', 'messages.parquet', 'questions-zstd.parquet', 'cells.xlsx'])(
    '%s is an import or one readable error, never anything else',
    async (name) => {
      const sound = await readFile(golden(name))
      const damage = fc.record({
        at: fc.nat(sound.length - 1),
        junk: fc.uint8Array({ maxLength: 6 }),
        cut: fc.boolean(),
      })
      await fc.assert(
        fc.asyncProperty(damage, async ({ at, junk, cut }) => {
          const bytes = Uint8Array.from(cut ? sound.subarray(0, at) : sound)
          if (!cut) bytes.set(junk.subarray(0, bytes.length - at), at)
          const failure = await read({ name, bytes }).catch((error: unknown) => error)
          if (!(failure instanceof Error)) return
          expect([GraftError, HostError].some((kind) => failure instanceof kind)).toBe(true)
          expect(failure.message).toMatch(/^[^\n]+: expected [^\n]+, got [^\n]+; [^\n]+$/)
        }),
        { numRuns: 60 },
      )
    },
  )
})
