import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { jsonReader } from '../../../../main/datasets/readers/json/json-rows'
import { jsonlReader } from '../../../../main/datasets/readers/json/jsonl-rows'
import { pieceSplitter, type RowReader, type RowSink } from '../../../../main/datasets/readers'
import type { RowProblem } from '../../../../preload/contract'
import { places, readFound, texts, utf8 } from '../helpers'

describe('JSON Lines', () => {
  it('keeps every good row as it is and names the place of every bad one', () => {
    const file = [
      '{"n": 12345678901234567890, "f": 1.0, "e": "\\u00e9", "10": 1, "2": 2}',
      '',
      '  {"a": 1,, "b": 2}',
      '[1]',
      '{"a": "x\\u2028"}\r',
      '{"a": 1, "a": 2}',
      '{"a": NaN}',
      '{"last": true}',
    ].join('\n')
    const found = readFound('jsonl', file)
    expect(texts(found)).toEqual([file.split('\n')[0], '{"a": "x\\u2028"}', '{"last": true}'])
    expect(found.rows.map(({ line }) => line)).toEqual([1, 5, 8])
    expect(found.rows[0]?.fields).toEqual(['n', 'f', 'e', '10', '2'])
    expect(places(found)).toEqual(['3:11 json-syntax', '4:1 not-an-object', '6:10 duplicate-key', '7:7 json-syntax'])
  })

  it('reports bytes that are not UTF-8 with their column and keeps the rows around', () => {
    const bytes = Buffer.concat([utf8('{"a":1}\n{"a":"é'), Uint8Array.of(0xe9), utf8('"}\n{"a":"\ufffd"}')])
    const found = readFound('jsonl', bytes, 3)
    expect(texts(found)).toEqual(['{"a":1}', '{"a":"\ufffd"}'])
    expect(places(found)).toEqual(['2:8 invalid-utf8'])
  })

  it('leaves out a row that is too long and reads on', () => {
    const found = withLimit((sink) => jsonlReader(sink, 20), `{"a":1}\n{"a":"${'x'.repeat(200_000)}"}\n{"a":2}`)
    expect(texts(found)).toEqual(['{"a":1}', '{"a":2}'])
    expect(places(found)).toEqual(['2:1 row-too-long'])
  })

  it('bounds nesting', () => {
    const found = readFound('jsonl', `{"a":${'['.repeat(100_000)}\n{"a":1}`)
    expect(texts(found)).toEqual(['{"a":1}'])
    expect(places(found)).toEqual(['1:205 too-deep'])
  })
})

describe('a JSON list', () => {
  it('brings pretty-printed rows onto one line and changes nothing within strings', () => {
    const found = readFound(
      'json',
      '\ufeff[\r\n  {\r\n    "a": "x  \\n y",\r\n    "b": [1.0,\n 2]\r\n  },\r\n  {"a":1}\r\n]\r\n',
    )
    expect(texts(found)).toEqual(['{ "a": "x  \\n y", "b": [1.0, 2] }', '{"a":1}'])
    expect(found.rows.map(({ line }) => line)).toEqual([2, 7])
    expect(found.problems).toEqual([])
  })

  it.each([
    ['a wrong row between good ones', '[{"a":1},{"a":tru},{"a":3}]', [1, 3], ['1:15 json-syntax']],
    [
      'values that are no objects',
      '[{"a":1}, 5, "x", [2], null, {"a":3}]',
      [1, 3],
      ['1:11 not-an-object', '1:14 not-an-object', '1:19 not-an-object', '1:24 not-an-object'],
    ],
    ['a missing comma', '[{"a":1}\n{"a":2}]', [1, 2], ['2:1 json-syntax']],
    ['a missing quote', '[\n{"a":"x},\n{"a":2},\n{"a":3}\n]', [2, 3], ['2:10 json-syntax']],
    ['a missing quote before more text', '[\n{"a":"x,"b":"y"},\n{"a":2}\n]', [2], ['2:10 json-syntax']],
    ['a missing brace', '[\n{"a":1,\n{"a":2},\n{"a":3}\n]', [2, 3], ['3:1 json-syntax']],
    [
      'a missing bracket that takes the next rows for its own',
      '[\n{"a":[1\n,\n{"a":2},\n{"a":3}\n]',
      [],
      ['6:2 json-syntax'],
    ],
    ['a wrong bracket', '[\n{"a":[1},\n{"a":2}\n]', [2], ['2:8 json-syntax']],
    ['a wrong bracket in a file of one line', '[{"a":[1},{"a":2}]', [], ['1:9 json-syntax', '1:2 rest-unread']],
    ['a file that is cut off', '[\n{"a":1},\n{"a":', [1], ['3:6 json-syntax']],
    ['a file that is cut off between rows', '[\n{"a":1},\n', [1], ['2:9 json-syntax']],
    ['text after the list', '[{"a":1}] x', [1], ['1:11 rest-unread']],
    ['words for a row', '[{"a":1}, oops, {"a":2}]', [1], ['1:11 json-syntax', '1:11 rest-unread']],
  ])('with %s', (_what, file, values, problems) => {
    for (const chunkSize of [1, 7, 1000]) {
      const found = readFound('json', file, chunkSize)
      expect(texts(found).map((text) => (JSON.parse(text) as { a: number }).a)).toEqual(values)
      expect(places(found)).toEqual(problems)
    }
  })

  it('reads long lines piece by piece, and names the row that is not UTF-8', () => {
    const rows = Array.from({ length: 20_000 }, (_, a) => `{"a":${a},"text":"${a % 100 === 7 ? 'é' : 'e'}"}`)
    const bytes = utf8(`[${rows.join(',')}]`)
    expect(texts(readFound('json', bytes, 70_001))).toEqual(rows)
    for (let at = bytes.indexOf(0xc3); at >= 0; at = bytes.indexOf(0xc3)) bytes[at] = 0xff
    const found = readFound('json', bytes, 70_001)
    expect(texts(found)).toEqual(rows.filter((row) => !row.includes('é')))
    expect(found.problems).toHaveLength(200)
    expect(found.problems.every(({ code }) => code === 'invalid-utf8')).toBe(true)
  })

  it('leaves out a row that is too long and reads on', () => {
    const file = `[{"a":1},{"a":"${'x'.repeat(200_000)}"},{"a":2}]`
    const found = withLimit((sink) => jsonReader(sink, { text: file, whole: true }, 20), file)
    expect(texts(found)).toEqual(['{"a":1}', '{"a":2}'])
    expect(places(found)).toEqual(['1:10 row-too-long'])
  })

  it('keeps all rows before a damage, whatever it is', () => {
    const rows = fc.array(fc.dictionary(fc.string(), fc.jsonValue()), { minLength: 1, maxLength: 6 })
    fc.assert(
      fc.property(
        rows,
        fc.nat(),
        fc.uint8Array({ minLength: 1, maxLength: 4 }),
        fc.boolean(),
        (all, seed, junk, pretty) => {
          const lines = all.map((row) => JSON.stringify(row, null, pretty ? 2 : 0))
          const bytes = utf8(`[${lines.join(',\n')}]`)
          const at = 1 + (seed % bytes.length)
          const found = readFound('json', Buffer.concat([bytes.subarray(0, at), junk, bytes.subarray(at)]), 5)
          let end = 1
          const whole = lines.filter((line) => (end += Buffer.byteLength(line) + 2) - 2 <= at)
          const read = found.rows.slice(0, whole.length).map(({ text }) => JSON.parse(text) as unknown)
          expect(read).toEqual(whole.map((line) => JSON.parse(line) as unknown))
        },
      ),
      { numRuns: 200 },
    )
  })
})

describe('the layout of a JSON file', () => {
  it.each([
    ['a field with the rows', '{"version": 1, "data": [{"a":1}, {"a":2}], "n": [1]}', [1, 2], []],
    ['a list before the one with a usual name', '{"features": [{"a":0}], "rows": [{"a":1}]}', [1], []],
    ['a second list', '{"train": [{"a":1}], "test": [{"a":2}]}', [1], ['1:30 rest-unread']],
    ['one row with messages', '{"a": 1, "messages": [{"role":"user"}]}', [1], []],
    ['rows one after the other', '{\n "a": 1, "choices": [{"b":2}]\n}\n{\n "a": 2\n}{"a":3},{"a":4}', [1, 2, 3, 4], []],
    [
      'rows one after the other, one of them broken',
      '{\n "a": 1\n}\n{\n "a": 2"\n}\n{\n "a": 3\n}',
      [1, 3],
      ['5:8 json-syntax'],
    ],
  ])('is %s', (_what, file, values, problems) => {
    const found = readFound('json', file, 10)
    expect(texts(found).map((text) => (JSON.parse(text) as { a: number }).a)).toEqual(values)
    expect(places(found)).toEqual(problems)
  })
})

function withLimit(open: (sink: RowSink) => RowReader, file: string) {
  const found = {
    rows: [] as { line: number; text: string; fields: readonly string[] }[],
    problems: [] as RowProblem[],
  }
  const reader = open({ row: (row) => found.rows.push(row), problem: (problem) => found.problems.push(problem) })
  const splitter = pieceSplitter('\n')
  for (const piece of [...splitter.push(utf8(file)), ...splitter.end()]) reader.push(piece)
  reader.end()
  return found
}
