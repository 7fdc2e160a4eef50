import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { importDataset, mapDataset, openDataset, type ContentRow } from '../../../main/datasets'
import { tempFolder, utf8 } from './helpers'

const file = ['question,hint,answer', 'What is 1.0?,,1.0', 'broken', 'And 2?,count,', '"And 3?",on,3'].join('\n')

async function imported() {
  const datasetsDir = await tempFolder()
  const dataset = await importDataset({ file: { name: 'q.csv', bytes: utf8(file) }, datasetsDir })
  return { datasetsDir, dataset }
}

async function read(datasetsDir: string, id: string) {
  const opened = await openDataset(datasetsDir, id)
  const contents: ContentRow[] = []
  for await (const row of opened.contents()) contents.push(row)
  const problems = await opened.problems(0, 100)
  await opened.close()
  return { contents, problems }
}

describe('mapDataset', () => {
  it('gives the columns roles and checks every row anew', async () => {
    const { datasetsDir, dataset } = await imported()
    expect(dataset).toMatchObject({ form: 'unknown', rows: 3, problems: 1 })
    const mapping = { form: 'mapped', input: ['question', 'hint'], answer: 'answer', instruction: 'Say it.' } as const
    const mapped = await mapDataset(datasetsDir, dataset.id, { ...mapping, input: [...mapping.input] })
    expect(mapped).toEqual({ ...dataset, form: 'mapped', mapping, rows: 2, problems: 2 })
    const { contents, problems } = await read(datasetsDir, dataset.id)
    expect(contents).toEqual([
      { index: 0, line: 2, content: conversation('Say it.\nWhat is 1.0?', '1.0') },
      { index: 1, line: 5, content: conversation('Say it.\nAnd 3?\non', '3') },
    ])
    expect(problems.map(({ line, code }) => [line, code])).toEqual([
      [3, 'ragged-row'],
      [4, 'answer-empty'],
    ])
  })

  it('takes rows in again that another mapping can use, and keeps the problems of reading', async () => {
    const { datasetsDir, dataset } = await imported()
    await mapDataset(datasetsDir, dataset.id, { form: 'mapped', input: ['question'], answer: 'answer' })
    const again = await mapDataset(datasetsDir, dataset.id, { form: 'mapped', input: ['answer'], answer: 'question' })
    expect(again).toMatchObject({ rows: 2, problems: 2 })
    const last = await mapDataset(datasetsDir, dataset.id, { form: 'mapped', input: ['question'], answer: 'question' })
    expect(last).toMatchObject({ rows: 3, problems: 1, fingerprint: dataset.fingerprint })
    const { contents, problems } = await read(datasetsDir, dataset.id)
    expect(contents.map(({ line }) => line)).toEqual([2, 4, 5])
    expect(problems.map(({ line, code }) => [line, code])).toEqual([[3, 'ragged-row']])
  })

  it('keeps numbers of a mapped column as they stand in the file', async () => {
    const datasetsDir = await tempFolder()
    const bytes = utf8('{"q":12345678901234567890,"a":1.0,"__proto__":{"q":1}}\n{"q":"x","a":1e2}\n')
    const { id } = await importDataset({ file: { name: 'n.jsonl', bytes }, datasetsDir })
    await mapDataset(datasetsDir, id, { form: 'mapped', input: ['q'], answer: 'a' })
    const { contents } = await read(datasetsDir, id)
    expect(contents.map(({ content }) => content)).toEqual([
      conversation('12345678901234567890', '1.0'),
      conversation('x', '1e2'),
    ])
  })

  it('finds labels by the mapping', async () => {
    const datasetsDir = await tempFolder()
    const rows = [...'abababab'].map((label, index) => `text ${index},${label}`)
    const bytes = utf8(['text,category', ...rows].join('\n'))
    const { id } = await importDataset({ file: { name: 'c.csv', bytes }, datasetsDir })
    const labelled = await mapDataset(datasetsDir, id, { form: 'mapped', input: ['text'], answer: 'category' })
    expect(labelled.labels).toEqual(['a', 'b'])
    expect(
      await mapDataset(datasetsDir, id, { form: 'mapped', input: ['category'], answer: 'text' }),
    ).not.toHaveProperty('labels')
  })

  it.each([
    ['a column that is not there', { input: ['question'], answer: 'reply' }, 'invalid-argument', '"reply"'],
    ['no input', { input: [], answer: 'answer' }, 'invalid-argument', 'no input column'],
    ['columns of which no row has both', { input: ['empty'], answer: 'answer' }, 'dataset-empty', 'usable'],
  ])('refuses %s and leaves the dataset as it was', async (_what, mapping, code, words) => {
    const datasetsDir = await tempFolder()
    const bytes = utf8('question,empty,answer\na,,b\n')
    const { id } = await importDataset({ file: { name: 'q.csv', bytes }, datasetsDir })
    const before = await snapshot(join(datasetsDir, id))
    const failure = mapDataset(datasetsDir, id, { form: 'mapped', ...mapping })
    await expect(failure).rejects.toMatchObject({ code })
    await expect(failure).rejects.toThrow(words)
    expect(await snapshot(join(datasetsDir, id))).toEqual(before)
  })
})

function conversation(user: string, assistant: string) {
  const messages = [
    { role: 'user', content: user },
    { role: 'assistant', content: assistant },
  ]
  return { kind: 'messages', messages }
}

async function snapshot(folder: string): Promise<Record<string, string>> {
  const names = (await readdir(folder)).sort()
  return Object.fromEntries(
    await Promise.all(names.map(async (name) => [name, await readFile(join(folder, name), 'base64')] as const)),
  )
}
