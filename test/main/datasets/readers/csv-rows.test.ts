import { parse } from 'csv-parse/sync'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { sniffDelimiter } from '../../../../main/datasets/readers/csv/csv-rows'
import { places, readFound, texts, utf8 } from '../helpers'

const values = (text: string) => Object.values(JSON.parse(text) as Record<string, string>)

describe('CSV', () => {
  it('keeps the text of every value as it is', () => {
    const file = '\ufeffdate,ok,id,text\r\n05/19/2024,True,007," a ""b"",\r\nc "\r\n1.0,null,1e5,  x \r\n,,,""\r\n'
    const found = readFound('csv', file)
    expect(texts(found)).toEqual([
      '{"date":"05/19/2024","ok":"True","id":"007","text":" a \\"b\\",\\r\\nc "}',
      '{"date":"1.0","ok":"null","id":"1e5","text":"  x "}',
      '{"date":"","ok":"","id":"","text":""}',
    ])
    expect(found.rows.map(({ line }) => line)).toEqual([2, 4, 5])
    expect(found.problems).toEqual([])
  })

  it('keeps the order of columns whose names are numbers', () => {
    expect(texts(readFound('csv', 'b,2,1\nx,y,z\n'))).toEqual(['{"b":"x","2":"y","1":"z"}'])
  })

  it.each([
    [
      'rows with too few and too many values',
      'a,b\n1\n1,2\n1,2,3\n',
      [['1', '2']],
      ['2:2 ragged-row', '4:5 ragged-row'],
    ],
    [
      'a quote that is never closed',
      'a,b\n1,2\n3,"4\n5,6\n7,8\n',
      [
        ['1', '2'],
        ['5', '6'],
        ['7', '8'],
      ],
      ['3:3 unclosed-quote'],
    ],
    [
      'a quote that seems to close at the next one',
      'a,b\n3,"4\n5,"6"\n7,8\n',
      [
        ['5', '6'],
        ['7', '8'],
      ],
      ['3:3 misplaced-quote'],
    ],
    ['text after a closing quote', 'a,b\n"x"y,2\n3,4\n', [['3', '4']], ['2:3 misplaced-quote']],
    ['quotes within a value', 'a,b\n5" pipe,"6"\n', [['5" pipe', '6']], []],
    [
      'empty lines',
      'a,b\n\n1,2\n\r\n\n3,4\n\n',
      [
        ['1', '2'],
        ['3', '4'],
      ],
      [],
    ],
    ['no line break at the end', 'a,b\n1,"2"', [['1', '2']], []],
    [
      'old line breaks',
      'a,b\r1,"2\r3"\r4,5\r',
      [
        ['1', '2\r3'],
        ['4', '5'],
      ],
      [],
    ],
    [
      'mixed line breaks',
      'a,b\n1,2\r\n3,4\n',
      [
        ['1', '2'],
        ['3', '4'],
      ],
      [],
    ],
  ])('reads %s', (_what, file, rows, problems) => {
    for (const chunkSize of [1, 1000]) {
      const found = readFound('csv', file, chunkSize)
      expect(texts(found).map(values)).toEqual(rows)
      expect(places(found)).toEqual(problems)
    }
  })

  it('counts lines within quotes, CR LF as one', () => {
    const found = readFound('csv', 'a,b\r\n"x\r\ny\r\nz",1\r\n2\r\n3,4\r\n')
    expect(found.rows.map(({ line }) => line)).toEqual([2, 6])
    expect(places(found)).toEqual(['5:2 ragged-row'])
  })

  it('reports names that are missing or there twice, and keeps their columns', () => {
    const found = readFound('csv', 'a,,a,a (2)\n1,2,3,4\n')
    expect(texts(found)).toEqual(['{"a":"1","column 2":"2","a (3)":"3","a (2)":"4"}'])
    expect(places(found)).toEqual(['1:3 empty-header', '1:4 duplicate-header'])
  })

  it('reports bytes that are not UTF-8 with their place', () => {
    const bytes = Buffer.concat([utf8('a,b\n"x\ny'), Uint8Array.of(0xff), utf8('",1\n2,3\n')])
    const found = readFound('csv', bytes, 4)
    expect(texts(found).map(values)).toEqual([['2', '3']])
    expect(places(found)).toEqual(['3:2 invalid-utf8'])
  })

  it('stays quick however many quotes are forgotten', () => {
    const lines = Array.from({ length: 20_000 }, (_, index) => (index % 2 === 0 ? `"open ${index},x` : `${index},y`))
    const found = readFound('csv', `a,b\n${lines.join('\n')}\n`)
    expect(found.rows).toHaveLength(10_000)
    expect(found.problems).toHaveLength(10_000)
  })

  it.each([
    ['a,b;c\n1,2;3\n4,5\n', ','],
    ['a;b\n"1,5";2\n3,4;5,6\n', ';'],
    ['name\ttext\nx\ta, b, c\ny\td; e\n', '\t'],
    ['text\nx\n', ','],
  ])('finds the delimiter of %j', (head, delimiter) => {
    expect(sniffDelimiter(head).delimiter).toBe(delimiter)
  })

  it('agrees with csv-parse on every well-formed file', () => {
    const value = fc.array(fc.constantFrom(...'ab"\n\r,;\t é😀0'), { maxLength: 8 }).map((chars) => chars.join(''))
    const table = fc
      .integer({ min: 2, max: 4 })
      .chain((width) =>
        fc.array(fc.array(value, { minLength: width, maxLength: width }), { minLength: 1, maxLength: 6 }),
      )
    const quote = (text: string) => (/^[ab 0é]+$/u.test(text) ? text : `"${text.replaceAll('"', '""')}"`)
    fc.assert(
      fc.property(table, fc.constantFrom(',', ';', '\t'), fc.constantFrom('\n', '\r\n'), (rows, delimiter, end) => {
        const header = (rows[0] ?? []).map((_, index) => `c${index}`)
        const file = [header, ...rows].map((row) => row.map(quote).join(delimiter) + end).join('')
        const found = readFound('csv', file, 6)
        expect(found.problems).toEqual([])
        expect(texts(found).map(values)).toEqual(rows)
        expect(parse(file, { delimiter, record_delimiter: end, from_line: 1 }).slice(1)).toEqual(rows)
      }),
      { numRuns: 300 },
    )
  })
})
