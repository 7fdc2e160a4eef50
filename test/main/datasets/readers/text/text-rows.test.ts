import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { blockReader } from '../../../../../main/datasets/readers/text/block-rows'
import type { TextFormat } from '../../../../../main/datasets/readers'
import { places, readFound, utf8 } from '../../helpers'

const read = (format: TextFormat, file: string, chunkSize?: number) =>
  readFound(format, file, chunkSize).rows.map(({ text, line }) => [line, (JSON.parse(text) as { text: string }).text])

describe('plain text', () => {
  it('is a row a line where a line is a document', () => {
    const long = `A document. ${'More of it. '.repeat(12)}`
    expect(read('text', `${long}\r\n\r\n  Second "one"\r\nThird`)).toEqual([
      [1, long],
      [3, '  Second "one"'],
      [4, 'Third'],
    ])
  })

  it('is a row a line where no blank line parts anything', () => {
    expect(read('text', 'one\ntwo\n')).toEqual([
      [1, 'one'],
      [2, 'two'],
    ])
  })

  it('is a row a paragraph where its lines are broken by hand', () => {
    expect(read('text', '\nOnce upon\r\n  a time.\r\n \nThere was\none.\n\n\n')).toEqual([
      [2, 'Once upon\r\n  a time.'],
      [5, 'There was\none.'],
    ])
  })

  it('loses nothing but blank lines and the breaks between rows, whatever the chunks are', () => {
    const lines = fc.array(fc.constantFrom('', '  ', 'a', ' b c ', 'd😀', 'x'.repeat(130)), { maxLength: 12 })
    fc.assert(
      fc.property(lines, fc.integer({ min: 1, max: 50 }), (list, chunkSize) => {
        const texts = read('text', list.join('\n'), chunkSize).map(([, text]) => String(text))
        const kept = texts.flatMap((text) => text.split('\n'))
        expect(kept).toEqual(list.filter((line) => line.trim() !== ''))
      }),
    )
  })

  it('reports bytes that are no text, with their place', () => {
    const found = readFound('text', Buffer.concat([utf8('one\ntw'), Buffer.of(0xff), utf8('o\nthree\n')]))
    expect(found.rows.map(({ line }) => line)).toEqual([1, 3])
    expect(places(found)).toEqual(['2:3 invalid-utf8'])
  })
})

describe('Markdown', () => {
  it('is a row a section, and code is no heading', () => {
    const file =
      'Before.\n\n# One\n\ntext\n\n```sh\n# no heading\n```\n\n## Two ##\nmore\n#hashtag\n~~~\n# code\n```\n# code\n~~~\n# \nend\n'
    expect(read('markdown', file)).toEqual([
      [1, 'Before.'],
      [3, '# One\n\ntext\n\n```sh\n# no heading\n```'],
      [11, '## Two ##\nmore\n#hashtag\n~~~\n# code\n```\n# code\n~~~'],
      [19, '# \nend'],
    ])
  })

  it('without headings is one row', () => {
    expect(read('markdown', '- a\n- b\n\nc\n')).toEqual([[1, '- a\n- b\n\nc']])
  })
})

describe('a block', () => {
  it('that is too long is reported and given up, and memory with it', () => {
    const sizes: string[] = []
    const reader = blockReader(
      { row: ({ text }) => sizes.push(text), problem: ({ code, line }) => sizes.push(`${line} ${code}`) },
      { roleOf: (line) => (line === '' ? 'separates' : 'goes-on'), limit: 20 },
    )
    const lines = ['short', '', ...Array.from({ length: 9 }, () => 'much too long'), '', 'end']
    for (const [index, text] of lines.entries())
      reader.push({ text, line: index + 1, column: 1, end: '\n', invalid: [] })
    reader.end()
    expect(sizes).toEqual(['{"text":"short"}', '3 row-too-long', '{"text":"end"}'])
  })
})
