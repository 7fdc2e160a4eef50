import fc from 'fast-check'
import iconv from 'iconv-lite'
import { describe, expect, it } from 'vitest'
import { importDataset, openDataset } from '../../../../../main/datasets'
import { detectEncoding, namedEncoding } from '../../../../../main/datasets/readers/encoding/detect-encoding'
import { tempFolder, utf8 } from '../../helpers'

const chinese = [
  '今天天气很好，我们去公园散步。',
  '请问这本书多少钱？',
  '机器学习是人工智能的一个重要分支。',
  '他说：“明天早上八点钟开会”。',
  '北京是中华人民共和国的首都。',
  '这个问题的答案是什么呢？',
]
const words = [
  ...chinese,
  'plain words',
  'çà et là',
  '🌱 grün',
  'tab\tand "quotes"',
  'Он сказал',
  '한국어 문장',
  'にほんご',
]

/** What rows of these bytes come out as, and how many could not be read. */
async function read(bytes: Uint8Array, name = 'a.csv', encoding?: string) {
  const datasetsDir = await tempFolder()
  const dataset = await importDataset({ file: { name, bytes }, datasetsDir, encoding })
  const opened = await openDataset(datasetsDir, dataset.id)
  const rows = (await opened.rows(0, 10_000)).map(({ text }) => JSON.parse(text) as Record<string, string>)
  const problems = await opened.problems(0, 100)
  await opened.close()
  return { dataset, rows, problems }
}

const quoted = (text: string): string => `"${text.replaceAll('"', '""')}"`
const csv = (texts: readonly string[]): string =>
  ['id,text', ...texts.map((text, index) => `${index},${quoted(text)}`)].join('\r\n')

const marked = { 'UTF-8': [0xef, 0xbb, 0xbf], 'UTF-16LE': [0xff, 0xfe], 'UTF-16BE': [0xfe, 0xff] } as const
const encode = (text: string, encoding: string, bom: boolean): Buffer =>
  Buffer.concat([Buffer.from(bom ? (marked[encoding as keyof typeof marked] ?? []) : []), iconv.encode(text, encoding)])

describe('a text file', () => {
  const cases = fc.constantFrom(
    { encoding: 'UTF-8', bom: false },
    { encoding: 'UTF-8', bom: true },
    { encoding: 'UTF-16LE', bom: true },
    { encoding: 'UTF-16BE', bom: true },
    { encoding: 'UTF-16LE', bom: false },
    { encoding: 'UTF-16BE', bom: false },
  )

  it('in any Unicode encoding, with a mark or without, comes out as it was written', async () => {
    const anyWords = fc.array(fc.constantFrom(...words), { minLength: 1, maxLength: 8 })
    await fc.assert(
      fc.asyncProperty(anyWords, cases, async (texts, { encoding, bom }) => {
        const { dataset, rows, problems } = await read(encode(csv(texts), encoding, bom))
        expect(problems).toEqual([])
        expect(dataset.encoding).toBe(encoding)
        expect(rows.map(({ text }) => text)).toEqual(texts)
      }),
      { numRuns: 60 },
    )
  })

  it('keeps every character of UTF-16 but the halves of pairs, which it reports', async () => {
    const units = fc.array(fc.integer({ min: 0x20, max: 0xffff }), { minLength: 1, maxLength: 12 })
    await fc.assert(
      fc.asyncProperty(units, async (codes) => {
        const text = `x${String.fromCharCode(...codes)}`
        const bytes = Buffer.concat([Buffer.of(0xff, 0xfe), Buffer.from(csv([text, 'sound']), 'utf16le')])
        const { rows, problems } = await read(bytes)
        const isWhole = !/[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/.test(text)
        expect(rows.map((row) => row['text'])).toEqual(isWhole ? [text, 'sound'] : ['sound'])
        expect(problems.map(({ code, line }) => [code, line])).toEqual(isWhole ? [] : [['invalid-encoding', 2]])
      }),
      { numRuns: 80 },
    )
  })

  it('in Chinese GB18030 is told and decoded, whatever sentences it holds', async () => {
    const sentences = fc.array(fc.constantFrom(...chinese), { minLength: 2, maxLength: 30 })
    await fc.assert(
      fc.asyncProperty(sentences, async (texts) => {
        const { dataset, rows, problems } = await read(iconv.encode(csv(texts), 'gb18030'))
        expect(problems).toEqual([])
        expect(dataset).toMatchObject({ encoding: 'GB18030', notes: ['the text was decoded from GB18030'] })
        expect(rows.map(({ text }) => text)).toEqual(texts)
      }),
      { numRuns: 40 },
    )
  })

  it.each([
    ['windows-1252', ['Où est l’été ?', 'Größe und Maß', 'déjà vu, naïve façade', 'plain']],
    ['windows-1251', ['Он сказал, что придёт завтра', 'Сколько стоит эта книга', 'plain']],
    ['Shift_JIS', ['これは日本語の文章です。', '明日の朝、会議があります。', 'plain']],
    ['EUC-JP', ['これは日本語の文章です。', '明日の朝、会議があります。', 'plain']],
    ['EUC-KR', ['오늘은 날씨가 매우 좋습니다', '내일 아침에 회의가 있습니다', 'plain']],
    ['Big5', ['今天天氣很好，我們去公園散步。', '請問這本書多少錢？', 'plain']],
  ])(
    'in %s is never garbled: its foreign rows are reported, and the name of the encoding reads them',
    async (name, texts) => {
      const bytes = iconv.encode(csv(texts), name)
      const { dataset, rows, problems } = await read(bytes)
      expect(dataset.encoding).toBe('UTF-8')
      expect(rows.map(({ text }) => text)).toEqual(['plain'])
      expect(problems.map(({ code, line }) => [code, line])).toEqual(
        texts.slice(0, -1).map((_, index) => ['invalid-utf8', index + 2]),
      )
      expect(dataset.notes?.[0]).toMatch(/^the text was read as UTF-8, but not all of it is: it may be .+; rows with/)
      const named = await read(bytes, 'a.csv', name)
      expect(named.rows.map(({ text }) => text)).toEqual(texts)
      expect(named.problems).toEqual([])
    },
  )

  it('in UTF-8 with a few damaged bytes stays UTF-8', async () => {
    const bytes = Buffer.concat([utf8(csv(chinese)), utf8('\r\n9,'), Buffer.of(0xc4, 0xe3, 0xba, 0xc3)])
    const { dataset, rows, problems } = await read(bytes)
    expect(dataset.encoding).toBe('UTF-8')
    expect(rows.map(({ text }) => text)).toEqual(chinese)
    expect(problems).toMatchObject([{ line: 8, code: 'invalid-utf8' }])
  })

  it('in GB18030 with a damaged byte loses that row alone', async () => {
    const sound = iconv.encode(csv(chinese), 'gb18030')
    const { dataset, rows, problems } = await read(Buffer.concat([sound, Buffer.from('\r\n9,x'), Buffer.of(0xff)]))
    expect(dataset.encoding).toBe('GB18030')
    expect(rows.map(({ text }) => text)).toEqual(chinese)
    expect(problems).toMatchObject([{ line: 8, column: 4, code: 'invalid-encoding' }])
  })

  it('of UTF-16 that is cut in the middle of a character loses the last row alone', async () => {
    const bytes = encode(csv(['one', 'two']), 'UTF-16LE', true)
    const { rows, problems } = await read(bytes.subarray(0, bytes.length - 3))
    expect(rows.map(({ text }) => text)).toEqual(['one'])
    expect(problems.length).toBeGreaterThan(0)
  })

  it('of UTF-16 is no binary data, in JSON Lines too', async () => {
    const lines = chinese.map((text) => JSON.stringify({ text })).join('\n')
    for (const encoding of ['UTF-16LE', 'UTF-16BE'])
      expect((await read(encode(lines, encoding, false), 'a.jsonl')).rows.map(({ text }) => text)).toEqual(chinese)
  })
})

describe('an encoding', () => {
  it('is looked for in the first bytes', async () => {
    expect(await detectEncoding(utf8(''))).toEqual({ name: 'UTF-8' })
    expect(await detectEncoding(Buffer.of(0xff, 0xfe, 0, 0, 0x61, 0, 0, 0))).toEqual({ name: 'UTF-32' })
    expect((await detectEncoding(Buffer.of(1, 0, 2, 0, 3, 0))).name).toBe('UTF-8')
  })

  it('may be named, if it is one', async () => {
    expect(await namedEncoding('utf8')).toEqual({ name: 'UTF-8' })
    expect(await namedEncoding('gbk')).toEqual({ name: 'GBK' })
    await expect(namedEncoding('rot13')).rejects.toThrow(/^encoding: expected a name such as .*, got "rot13"; choose/)
  })
})
