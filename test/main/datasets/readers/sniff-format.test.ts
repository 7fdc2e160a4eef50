import { describe, expect, it } from 'vitest'
import { GraftError } from '../../../../main/engine/errors'
import { sniffContainer, sniffFormat, sniffLineBreak } from '../../../../main/datasets/readers/sniff-format'
import { utf8 } from '../helpers'

const sniff = (name: string, text: string, whole = true) => sniffFormat(name, { text, whole })

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
    ['a.tsv', 'a\tb\nx\ty\n', 'tsv'],
    ['a.txt', 'a\tb\nx\ty\n', 'tsv'],
    ['a.txt', 'Once, upon a time.\nThere, was one.\n', 'text'],
    ['a.txt', '[Chapter 1]\nOnce.\n', 'text'],
    ['a.txt', '[{"a":1}]', 'json'],
    ['a.md', '# One\n\na,b\nc,d\n', 'markdown'],
    ['a.csv', '[id],text\n1,x\n', 'csv'],
    ['noname', 'a,b\n1,2\n', 'csv'],
    ['a.json', 'a;b\n1;2\n', 'csv'],
  ])('reads %s with %j as %s', (name, text, format) => {
    expect(sniff(name, text)).toBe(format)
  })

  it.each([
    ['a.bin', '\u0001\0\u0002', 'binary'],
    ['LICENSE', 'Once upon a time.', 'text that is none of these'],
  ])('says what %s is instead', (name, text, words) => {
    expect(() => sniff(name, text)).toThrow(GraftError)
    expect(() => sniff(name, text)).toThrow(words)
  })

  it.each([
    ['zip', Uint8Array.of(0x50, 0x4b, 3, 4, 20)],
    ['parquet', utf8('PAR1')],
    ['gzip', Uint8Array.of(0x1f, 0x8b, 8)],
    [undefined, utf8('a,b')],
  ])('knows %s by its first bytes', (container, bytes) => {
    expect(sniffContainer(bytes)).toBe(container)
  })

  it('takes a lone carriage return for a line break only in a CSV file that has no other', () => {
    expect(sniffLineBreak('csv', { text: 'a,b\r1,2\r', whole: true })).toBe('\r')
    expect(sniffLineBreak('csv', { text: 'a,b\r\n', whole: true })).toBe('\n')
    expect(sniffLineBreak('json', { text: '[\r]', whole: true })).toBe('\n')
  })
})
