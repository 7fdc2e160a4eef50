import { describe, expect, it } from 'vitest'
import { GraftError } from '../../../../main/engine/errors'
import { sniffFormat, sniffLineBreak } from '../../../../main/datasets/readers'
import { utf8 } from '../helpers'

const sniff = (name: string, text: string, whole = true) => sniffFormat(name, utf8(text), { text, whole })

describe('sniffFormat', () => {
  it.each([
    ['a.jsonl', '{"a":1}\n{"a":2}\n', 'jsonl'],
    ['a.json', '{"a":1}\n{"a":2}\n', 'jsonl'],
    ['a.txt', '{"a":1}\n{"a":2}\n', 'jsonl'],
    ['a.jsonl', '{"a":1,}\n{"a":2\n', 'jsonl'],
    ['a.json', '{"a":1,}\n{"a":2}\n{"a":2}\n', 'jsonl'],
    ['a.jsonl', '"a":1}\n{"a":2}\n', 'jsonl'],
    ['a.jsonl', '[\n{"a":1}\n]', 'json'],
    ['a.jsonl', '{\n  "a": 1\n}\n', 'json'],
    ['a.json', '{"data":[{"a":1}]}', 'json'],
    ['a.jsonl', '{"choices":[{"a":1}]}', 'jsonl'],
    ['a.csv', '[{"a":1}]', 'json'],
    ['a.csv', '{"a":1}\n', 'jsonl'],
    ['a.csv', 'text\nx\n', 'csv'],
    ['a.tsv', 'a\tb\nx\ty\n', 'csv'],
    ['a.csv', '[id],text\n1,x\n', 'csv'],
    ['noname', 'a,b\n1,2\n', 'csv'],
    ['a.json', 'a;b\n1;2\n', 'csv'],
  ])('reads %s with %j as %s', (name, text, format) => {
    expect(sniff(name, text)).toBe(format)
  })

  it.each([
    ['a.xlsx', Uint8Array.of(0x50, 0x4b, 3, 4, 20), 'spreadsheet'],
    ['a.csv', Uint8Array.of(0xff, 0xfe, 0x61, 0), 'UTF-16'],
    ['a.parquet', utf8('PAR1'), 'Parquet'],
    ['a.bin', Uint8Array.of(1, 0, 2), 'binary'],
    ['a.txt', utf8('Once upon a time.'), 'text that is none of these'],
  ])('says what %s is instead', (name, bytes, words) => {
    const head = { text: new TextDecoder().decode(bytes), whole: true }
    expect(() => sniffFormat(name, bytes, head)).toThrow(GraftError)
    expect(() => sniffFormat(name, bytes, head)).toThrow(words)
  })

  it('takes a lone carriage return for a line break only in a CSV file that has no other', () => {
    expect(sniffLineBreak('csv', { text: 'a,b\r1,2\r', whole: true })).toBe('\r')
    expect(sniffLineBreak('csv', { text: 'a,b\r\n', whole: true })).toBe('\n')
    expect(sniffLineBreak('json', { text: '[\r]', whole: true })).toBe('\n')
  })
})
