import { gzipSync } from 'node:zlib'
import iconv from 'iconv-lite'
import { describe, expect, it } from 'vitest'
import { importDataset, openDataset } from '../../../../main/datasets'
import { tempFolder } from '../helpers'
import { writeParquet } from './write-parquet'
import { writeXlsx } from './write-xlsx'

type Rows = readonly (readonly string[])[]

/** Values that readers like to improve. None has a control character that XML cannot hold. */
const values = [
  'plain',
  ' blanks around ',
  '\ttab first',
  'a, b; c|d\te',
  '"quoted"',
  'half "quoted',
  "it's",
  '""',
  'two\nlines',
  'two\r\nlines',
  'a\rreturn',
  'ends with a break\n',
  '\n\nstarts with two',
  ' ',
  '',
  '05/19/2024',
  '2024-05-19T13:45:00.000Z',
  '19.5.24',
  'True',
  'true',
  'FALSE',
  'yes',
  'None',
  'null',
  'NaN',
  '#N/A',
  '1.0',
  '007',
  '+1',
  '-0',
  '1e5',
  '1,000.50',
  '9007199254740993',
  '12345678901234567890.10',
  '0x1F',
  '=1+1',
  '@SUM(A1)',
  '\ufeffa mark within',
  'no\u00a0break, thin\u2009blank, \u2028line and \u2029paragraph, next\u0085line',
  'é is not e\u0301',
  '🌱 and 👩‍🚀 and 𝒳',
  '中文，「标点」。',
  'שלום, مرحبا',
  'C:\\new\\table \\u0041 \\" \\\\',
  '{"a":[1,{"b":null}]}',
  '<b>&amp;</b> &#13; _x000D_',
  '# not a heading',
  '---',
]

/** Names of columns, one that is empty in every row among them. */
const columns = ['id', 'value', '0', '__proto__', 'a "b", c', 'Größe\n(cm)', 'empty']
const rows: Rows = values.map((value, at) => [`${at}`, value, value, value, value, value, ''])

const quoted = (text: string): string => `"${text.replaceAll('"', '""')}"`
const table = (delimiter: string, lineBreak: string) => (names: readonly string[], cells: Rows) =>
  [names, ...cells].map((row) => row.map(quoted).join(delimiter)).join(lineBreak)
/** Built as text: an object literal would lose `__proto__` and put the number first. */
const objectText = (names: readonly string[], row: readonly string[]): string =>
  `{${names.map((name, at) => `${JSON.stringify(name)}: ${JSON.stringify(row[at])}`).join(', ')}}`
const jsonLines = (names: readonly string[], cells: Rows): string =>
  cells.map((row) => `${objectText(names, row)}\n`).join('')
const jsonList = (names: readonly string[], cells: Rows): string =>
  `[\n  ${cells.map((row) => objectText(names, row)).join(',\n  ')}\n]\n`
const escapedLines = (names: readonly string[], cells: Rows): string =>
  jsonLines(names, cells).replace(
    /[\u0080-\uffff]/g,
    (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`,
  )

/** Every way in which a table of texts can be a file. */
const files: Readonly<Record<string, (names: readonly string[], cells: Rows) => Buffer>> = {
  'comma.csv': (...data) => Buffer.from(table(',', '\r\n')(...data)),
  'semicolon.csv': (...data) => Buffer.from(table(';', '\n')(...data)),
  'marked.csv': (...data) => Buffer.from(`\ufeff${table(',', '\n')(...data)}`),
  'utf-16.csv': (...data) => iconv.encode(table(',', '\r\n')(...data), 'UTF-16LE', { addBOM: true }),
  'big-endian.tsv': (...data) => iconv.encode(table('\t', '\n')(...data), 'UTF-16BE', { addBOM: true }),
  'tabs.tsv': (...data) => Buffer.from(table('\t', '\n')(...data)),
  'packed.csv.gz': (...data) => gzipSync(table(',', '\n')(...data)),
  'lines.jsonl': (...data) => Buffer.from(jsonLines(...data)),
  'escaped.jsonl': (...data) => Buffer.from(escapedLines(...data)),
  'packed.jsonl.gz': (...data) => gzipSync(jsonLines(...data)),
  'marked.jsonl': (...data) => Buffer.from(`\ufeff${jsonLines(...data)}`),
  'list.json': (...data) => Buffer.from(jsonList(...data)),
  'utf-16.json': (...data) => iconv.encode(jsonList(...data), 'UTF-16LE', { addBOM: true }),
  'book.xlsx': (names, cells) => writeXlsx([names, ...cells]),
  'columns.parquet': writeParquet,
}

interface Import {
  readonly columns: readonly string[]
  readonly rows: Rows
  readonly problems: number
}

async function imported(name: string, bytes: Uint8Array, encoding?: string): Promise<Import> {
  const datasetsDir = await tempFolder()
  const dataset = await importDataset({ file: { name, bytes }, datasetsDir, encoding })
  const opened = await openDataset(datasetsDir, dataset.id)
  const stored = await opened.rows(0, dataset.rows)
  await opened.close()
  const parsed = stored.map(({ text }) => JSON.parse(text) as Record<string, string>)
  const cells = parsed.map((row) =>
    dataset.columns.map((column) => Object.getOwnPropertyDescriptor(row, column)?.value),
  )
  return { columns: dataset.columns, rows: cells, problems: dataset.problems }
}

describe('awkward texts come through unchanged', () => {
  it.each(Object.keys(files))('in %s', async (name) => {
    const file = files[name] as (typeof files)[string]
    expect(await imported(name, file(columns, rows))).toEqual({ columns, rows, problems: 0 })
  })

  it.each(['windows-1252', 'Shift_JIS', 'GB18030', 'UTF-16LE', 'EUC-KR'])('in %s, where that is said', async (name) => {
    const known = rows.filter(([, value = '']) => iconv.decode(iconv.encode(value, name), name) === value)
    expect(known.length).toBeGreaterThan(30)
    const cells = known.map(([id = '', value = '']) => [id, value])
    const bytes = iconv.encode(table(',', '\n')(['id', 'value'], cells), name)
    expect(await imported('said.csv', bytes, name)).toEqual({ columns: ['id', 'value'], rows: cells, problems: 0 })
  })
})

describe('a cell of 10 MB comes through unchanged', () => {
  const line = 'Zeile „eins“, "zwei" \\ 中文 🌱\n'
  const cell = line.repeat(Math.ceil((10 << 20) / Buffer.byteLength(line)))
  const large = [
    ['1', 'before'],
    ['2', cell],
    ['3', 'after'],
  ]

  it.each(Object.keys(files).filter((name) => !/^(?:marked|escaped|semicolon|book)/.test(name)))(
    'in %s',
    async (name) => {
      const file = files[name] as (typeof files)[string]
      const found = await imported(name, file(['id', 'value'], large))
      // Not toEqual: nobody wants to read the difference.
      expect(found.rows.map(([, text]) => text?.length)).toEqual(large.map(([, text]) => text?.length))
      expect(found.rows.every(([, text], at) => text === large[at]?.[1])).toBe(true)
      expect(found.problems).toBe(0)
    },
  )

  it('in a workbook, as far as spreadsheets allow: 32,767 characters', async () => {
    const longest = cell.slice(0, 32_767)
    const { rows: found } = await imported(
      'book.xlsx',
      writeXlsx([
        ['id', 'value'],
        ['1', longest],
        ['2', 'after'],
      ]),
    )
    expect(found).toEqual([
      ['1', longest],
      ['2', 'after'],
    ])
  })

  it('in a text file, as one line and as one document', async () => {
    const flat = cell.replaceAll('\n', ' ').trim()
    const lines = await imported('long.txt', Buffer.from(`before\n${flat}\nafter\n`))
    expect(lines.rows.map(([text]) => text?.length)).toEqual([6, flat.length, 5])
    expect(lines.rows[1]?.[0] === flat).toBe(true)
    const section = await imported('long.md', Buffer.from(`# One\n${cell}\n# Two\nafter\n`))
    expect(section.rows).toHaveLength(2)
    expect(section.rows[0]?.[0] === `# One\n${cell}`.trimEnd()).toBe(true)
  })
})

describe('awkward JSON is kept as it is written', () => {
  const nest = (depth: number): string => `{"a":${'['.repeat(depth - 1)}${']'.repeat(depth - 1)}}`
  const texts = [
    '{"v": 1.0, "n": 12345678901234567890, "e": 1E+2, "z": -0}',
    '{"v": true, "n": null}',
    '{"v": "true", "n": "null"}',
    '{"v": ["mixed", 1, {"types": [null, false, ""]}]}',
    '{"v": {"z": 1, "a": {"10": 1, "9": 2}}, "n": "\\u0000\\u001f \\ud83c\\udf31 \\/"}',
    '{"v": "\\ud800 alone"}',
    '{"v" :  "blanks" ,  "n":[ 1,2 , 3 ]}',
    nest(200),
  ]

  it.each([
    ['lines', 'a.jsonl', `${texts.join('\n')}\n`],
    ['a list', 'a.json', `[${texts.join(',\n')}]`],
    ['the field of an object', 'a.json', `{"about": {"rows": 8}, "data": [${texts.join(',\n')}]}`],
    ['one after the other', 'a.json', texts.join('\n\n')],
  ])('as %s', async (_how, name, file) => {
    const datasetsDir = await tempFolder()
    const dataset = await importDataset({ file: { name, bytes: Buffer.from(file) }, datasetsDir })
    const opened = await openDataset(datasetsDir, dataset.id)
    expect((await opened.rows(0, 99)).map(({ text }) => text)).toEqual(texts)
    expect(dataset.problems).toBe(0)
    await opened.close()
  })

  it('and what is none is named with its line, and costs no other row', async () => {
    const datasetsDir = await tempFolder()
    const bad = ['{"v": True}', '{"v": None}', "{'v': 1}", '{"v": 1,}', '{"v": 01}', '{"v": "a\tb"}', nest(201)]
    const file = bad.flatMap((text) => [text, '{"v": "fine"}']).join('\n')
    const dataset = await importDataset({ file: { name: 'a.jsonl', bytes: Buffer.from(file) }, datasetsDir })
    const opened = await openDataset(datasetsDir, dataset.id)
    expect(dataset.rows).toBe(bad.length)
    expect((await opened.problems(0, 99)).map(({ line }) => line)).toEqual(bad.map((_, at) => 2 * at + 1))
    await opened.close()
  })
})
