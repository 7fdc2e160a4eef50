import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { pieceSplitter, type TextPiece } from '../../../../main/datasets/readers'

function split(bytes: Uint8Array, chunkSize: number): TextPiece[] {
  const splitter = pieceSplitter('\n')
  const pieces: TextPiece[] = []
  for (let at = 0; at < bytes.length; at += chunkSize) pieces.push(...splitter.push(bytes.slice(at, at + chunkSize)))
  return [...pieces, ...splitter.end()]
}

const joined = (pieces: readonly TextPiece[]) => pieces.map(({ text, end }) => text + end).join('')

describe('pieceSplitter', () => {
  it('gives the same lines whatever the chunks are', () => {
    const bytes = fc
      .array(fc.constantFrom(...'a"é世😀\ufffd\n\r,'))
      .map((chars) => new TextEncoder().encode(chars.join('')))
    fc.assert(
      fc.property(bytes, fc.integer({ min: 1, max: 9 }), (data, chunkSize) => {
        expect(split(data, chunkSize)).toEqual(split(data, data.length + 1))
        expect(joined(split(data, chunkSize))).toBe(new TextDecoder('utf-8', { ignoreBOM: true }).decode(data))
      }),
    )
  })

  it('marks exactly the bytes that are not UTF-8, and no replacement character of the file itself', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 12 }), (data) => {
        const pieces = split(data, 5)
        const valid = isUtf8(data)
        expect(pieces.some(({ invalid }) => invalid.length > 0)).toBe(!valid)
        for (const { text, invalid } of pieces) for (const at of invalid) expect(text[at]).toBe('\ufffd')
      }),
      { numRuns: 2000 },
    )
    const [piece] = split(Uint8Array.of(0x61, 0xef, 0xbf, 0xbd, 0xff, 0xe2, 0x82, 0x62, 0xc3), 100)
    expect(piece?.text).toBe('a\ufffd\ufffd\ufffdb\ufffd')
    expect(piece?.invalid).toEqual([2, 3, 5])
  })

  it('drops a byte order mark at the start only', () => {
    expect(joined(split(new TextEncoder().encode('\ufeffa\n\ufeffb'), 2))).toBe('a\n\ufeffb')
    expect(joined(split(new TextEncoder().encode('\ufeff'), 1))).toBe('')
  })

  it('hands a long line on in pieces with running columns', () => {
    const pieces = split(new TextEncoder().encode(`x\n${'é'.repeat(100_000)}\ny`), 30_001)
    expect(pieces.length).toBeGreaterThan(3)
    expect(joined(pieces)).toBe(`x\n${'é'.repeat(100_000)}\ny`)
    let column = 1
    for (const piece of pieces.filter(({ line }) => line === 2)) {
      expect(piece.column).toBe(column)
      column += piece.text.length
    }
    expect(pieces.at(-1)).toMatchObject({ line: 3, column: 1, text: 'y' })
  })
})

function isUtf8(bytes: Uint8Array): boolean {
  try {
    new TextDecoder('utf-8', { fatal: true }).decode(bytes)
    return true
  } catch {
    return false
  }
}
