import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { checkObject } from '../../../../main/datasets/readers'

const accepted = ['{}', ' {"a" : [ 1 , -0.5e+3, true, null, "\\u00e9\\n" ] } ', '{"__proto__":{"constructor":{}}}']

/** What is wrong, where, and what the message must say. */
const faults: readonly (readonly [text: string, offset: number, code: string, words: string, field?: string])[] = [
  ['', 0, 'json-syntax', 'the end of the row'],
  ['[1]', 0, 'not-an-object', 'a list'],
  ['"a"', 0, 'not-an-object', 'a text'],
  ['12', 0, 'not-an-object', 'a number'],
  ['hello', 0, 'json-syntax', '"hello"'],
  ['{"a":1', 6, 'json-syntax', 'the end of the row', 'a'],
  ['{"a":1,}', 7, 'json-syntax', 'a field name', 'a'],
  ['{"a" 1}', 5, 'json-syntax', '":"', 'a'],
  ['{"a":"b}', 8, 'json-syntax', 'closing quote', 'a'],
  ['{"a":"b\nc"}', 7, 'json-syntax', 'line break', 'a'],
  ['{"a":"\t"}', 6, 'json-syntax', '\\u0009', 'a'],
  ['{"a":"\\x"}', 6, 'json-syntax', '"x"', 'a'],
  ['{"a":"\\u12g4"}', 6, 'json-syntax', 'escape', 'a'],
  ['{"a":NaN}', 5, 'json-syntax', 'write null', 'a'],
  ['{"a":True}', 5, 'json-syntax', 'write true', 'a'],
  ['{"a":constructor}', 5, 'json-syntax', '"constructor"', 'a'],
  ["{'a':1}", 1, 'json-syntax', 'double quotes'],
  ['{"a":01}', 6, 'json-syntax', '"1"', 'a'],
  ['{"a":1} {"b":2}', 8, 'json-syntax', '"{"', 'a'],
  ['{"a":1},', 7, 'json-syntax', 'no comma', 'a'],
  ['{"a":{"b":1,"b":2}}', 12, 'duplicate-key', '"b"', 'a'],
  ['{"a":1,"\\u0061":2}', 7, 'duplicate-key', '"a"', 'a'],
  ['{"a":[1,2}', 9, 'json-syntax', '"]"', 'a'],
  [`{"a":${'['.repeat(1000)}`, 5 + 199, 'too-deep', '200', 'a'],
]

describe('checkObject', () => {
  it.each(accepted)('accepts %s', (text) => {
    expect(checkObject(text).fault).toBeUndefined()
  })

  it.each(faults.map((fault) => ({ fault, text: fault[0] })))('says what is wrong with $text', ({ fault }) => {
    const [text, offset, code, words, field] = fault
    const found = checkObject(text).fault
    expect(found).toMatchObject({ offset, code, ...(field !== undefined && { field }) })
    expect(found?.message).toContain(words)
    if (field === undefined) expect(found).not.toHaveProperty('field')
  })

  it('finds each field and its value', () => {
    const text = '{ "a": 1.0 , "10":[ 1 ],"é" :"x"}'
    const { fields = [] } = checkObject(text) as { readonly fields?: readonly Field[] }
    expect(fields.map(({ name, start, end }) => [name, text.slice(start, end)])).toEqual([
      ['a', '1.0'],
      ['10', '[ 1 ]'],
      ['é', '"x"'],
    ])
  })

  it('accepts what JSON.parse accepts as an object with unlike names, and nothing else', () => {
    const piece = fc.constantFrom(
      '{',
      '}',
      '[',
      ']',
      ':',
      ',',
      '"',
      '"a"',
      '"b"',
      '1',
      '-',
      '.5',
      'e2',
      'true',
      ' ',
      '\\n',
    )
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 12 }), (pieces) => {
        const text = `{"a":${pieces.join('')}}`
        const { fault } = checkObject(text)
        if (fault?.code !== 'duplicate-key') expect(fault === undefined).toBe(parses(text))
      }),
      { numRuns: 5000 },
    )
    fc.assert(
      fc.property(fc.dictionary(fc.string(), fc.jsonValue()), (row) => {
        expect(checkObject(JSON.stringify(row, null, 1)).fault).toBeUndefined()
      }),
    )
  })
})

interface Field {
  readonly name: string
  readonly start: number
  readonly end: number
}

function parses(text: string): boolean {
  try {
    JSON.parse(text)
    return true
  } catch {
    return false
  }
}
