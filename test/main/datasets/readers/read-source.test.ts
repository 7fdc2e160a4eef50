import { mkdir, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { describe, expect, it } from 'vitest'
import { importDataset, openDataset } from '../../../../main/datasets'
import { jsonl, tempFolder, utf8 } from '../helpers'

async function importFolder(files: Readonly<Record<string, string | Uint8Array>>) {
  const root = await tempFolder()
  const folder = join(root, 'my data.v2')
  for (const [name, content] of Object.entries(files)) {
    await mkdir(join(folder, name, '..'), { recursive: true })
    await writeFile(join(folder, name), content)
  }
  const datasetsDir = join(root, 'datasets')
  return { folder, datasetsDir, run: () => importDataset({ file: folder, datasetsDir }) }
}

async function rowsOf(datasetsDir: string, id: string) {
  const opened = await openDataset(datasetsDir, id)
  const rows = (await opened.rows(0, 100)).map(({ text }) => text)
  const problems = await opened.problems(0, 100)
  await opened.close()
  return { rows, problems }
}

describe('a gzip file', () => {
  const rows = Array.from({ length: 5000 }, (_, n) => ({ prompt: `row ${n} é`, completion: `${n}` }))

  it.each([
    ['a.jsonl.gz', jsonl(rows), 'jsonl'],
    ['a.csv.gz', `prompt,completion\n${rows.map((row) => `${row.prompt},${row.completion}`).join('\n')}`, 'csv'],
    ['a.json.gz', JSON.stringify(rows), 'json'],
  ])('%s is read like the file in it', async (name, text, format) => {
    const datasetsDir = await tempFolder()
    const bytes = gzipSync(text)
    const dataset = await importDataset({ file: { name, bytes }, datasetsDir })
    expect(dataset).toMatchObject({ name: 'a', sourceFormat: format, rows: 5000, problems: 0, bytes: bytes.length })
    const found = await rowsOf(datasetsDir, dataset.id)
    expect(found.rows).toEqual(rows.slice(0, 100).map((row) => JSON.stringify(row)))
  })

  it('may have several members, and any encoding', async () => {
    const datasetsDir = await tempFolder()
    const text = Buffer.from('\ufeffprompt\tcompletion\né\t你\n', 'utf16le')
    const bytes = Buffer.concat([gzipSync(text.subarray(0, 9)), gzipSync(text.subarray(9))])
    const dataset = await importDataset({ file: { name: 'a.tsv.gz', bytes }, datasetsDir })
    expect(dataset).toMatchObject({ sourceFormat: 'tsv', encoding: 'UTF-16LE', rows: 1 })
  })

  it.each([
    ['cut off', (bytes: Uint8Array) => bytes.subarray(0, bytes.length - 20), 'got one that is cut off; get it again'],
    ['damaged', (bytes: Uint8Array) => bytes.map((byte, at) => (at > 99 ? byte ^ 0x55 : byte)), 'got a damaged one'],
  ])('that is %s is one clear error', async (_what, damage, words) => {
    const datasetsDir = await tempFolder()
    const file = { name: 'a.jsonl.gz', bytes: damage(gzipSync(jsonl(rows))) }
    const failure = importDataset({ file, datasetsDir })
    await expect(failure).rejects.toMatchObject({ code: 'file-damaged' })
    await expect(failure).rejects.toThrow(words)
  })
})

describe('a folder', () => {
  const row = (n: number) => jsonl([{ prompt: `p${n}`, completion: `c${n}` }])

  it('of data is one dataset, in the order of the names; descriptions beside it are passed over', async () => {
    const { datasetsDir, run } = await importFolder({
      'b/two.jsonl': row(2),
      'a.jsonl.gz': gzipSync(row(1)),
      'c.csv': 'prompt,completion\np3,c3\np4\n',
      'README.md': '# About',
      '.hidden.jsonl': row(9),
      'picture.png': 'x',
    })
    const dataset = await run()
    expect(dataset).toMatchObject({ name: 'my data.v2', sourceFormat: 'folder', form: 'prompt-completion', rows: 3 })
    expect(dataset.notes).toEqual(['3 files were read, 2 passed over: README.md, picture.png'])
    const { rows, problems } = await rowsOf(datasetsDir, dataset.id)
    expect(rows.map((text) => (JSON.parse(text) as { prompt: string }).prompt)).toEqual(['p1', 'p2', 'p3'])
    expect(problems).toMatchObject([{ line: 3, code: 'ragged-row' }])
    expect(problems[0]?.message).toMatch(/^c\.csv: the row has 1 values/)
  })

  it('of texts is a row a file', async () => {
    const { datasetsDir, run } = await importFolder({
      'one.txt': 'First line.\n\nSecond paragraph.\n',
      'two.md': '# Title\n\n## Part\n',
      'sub/three.txt': 'Bytes',
      'broken.txt': Buffer.of(0x61, 0xff, 0x0a),
    })
    const dataset = await run()
    expect(dataset).toMatchObject({ form: 'text', columns: ['file', 'text'], rows: 3, problems: 1 })
    const { rows, problems } = await rowsOf(datasetsDir, dataset.id)
    expect(rows.map((text) => JSON.parse(text) as object)).toEqual([
      { file: 'one.txt', text: 'First line.\n\nSecond paragraph.' },
      { file: 'sub/three.txt', text: 'Bytes' },
      { file: 'two.md', text: '# Title\n\n## Part' },
    ])
    expect(problems).toMatchObject([{ line: 1, column: 2, code: 'invalid-utf8' }])
  })

  it('follows links to files and no link to a folder', async () => {
    const { folder, run } = await importFolder({ 'data/real.jsonl': row(1) })
    await symlink(join(folder, 'data', 'real.jsonl'), join(folder, 'linked.jsonl'))
    await symlink(folder, join(folder, 'data', 'loop'))
    expect(await run()).toMatchObject({ rows: 2, duplicates: { exact: 1, near: 0 } })
  })

  it('without a file that can be read says so', async () => {
    const { run } = await importFolder({ 'a.bin': 'x' })
    await expect(run()).rejects.toThrow(/: expected files such as .jsonl, .*, got 1 others; choose another folder$/)
  })
})

describe('the notes of an import', () => {
  it('say how running text was cut', async () => {
    const notes = async (name: string, text: string) =>
      (await importDataset({ file: { name, bytes: utf8(text) }, datasetsDir: await tempFolder() })).notes
    expect(await notes('a.txt', 'one\ntwo\n')).toEqual(['each line is a row'])
    expect(await notes('a.txt', 'one\n\ntwo\n')).toEqual(['each paragraph is a row'])
    expect(await notes('a.md', '# one\n# two\n')).toEqual(['each section (a heading and what follows it) is a row'])
    expect(await notes('a.jsonl', '{"text":"a"}\n')).toBeUndefined()
  })
})
