import { describe, expect, it } from 'vitest'
import {
  bytesOf,
  decodeFloats,
  encodeFloats,
  type FloatDtype,
  type WritableFloatDtype,
} from '../../../main/engine/tensor'
import { isDtype, isFloatDtype, memorySink, memorySource, tensorBytes } from '../../../main/engine/tensor'

function decode(dtype: FloatDtype, bytes: number[], count: number): number[] {
  const target = new Float32Array(count)
  decodeFloats(dtype, Uint8Array.from(bytes).buffer, target)
  return [...target]
}

describe('float codecs', () => {
  it.each<[FloatDtype, number[], number[]]>([
    ['F64', [0, 0, 0, 0, 0, 0, 0xf8, 0x3f], [1.5]],
    ['F32', [0, 0, 0xc0, 0x3f, 0, 0, 0, 0x80], [1.5, -0]],
    ['F16', [0, 0x3e, 1, 0], [1.5, 2 ** -24]],
    ['BF16', [0xc0, 0x3f], [1.5]],
    ['F8_E4M3', [0x3c, 0xbc, 0x7e, 0x01, 0x00, 0x7f, 0x38], [1.5, -1.5, 448, 2 ** -9, 0, NaN, 1]],
    ['F8_E5M2', [0x3e, 0x7b, 0x01, 0xfc], [1.5, 57344, 2 ** -16, -Infinity]],
  ])('reads %s from its bytes', (dtype, bytes, values) => {
    expect(decode(dtype, bytes, values.length)).toEqual(values)
  })

  it.each<[WritableFloatDtype, number[]]>([
    ['F32', [0, 0, 0xc0, 0x3f]],
    ['F16', [0, 0x3e]],
    ['BF16', [0xc0, 0x3f]],
  ])('writes %s as its bytes', (dtype, bytes) => {
    const buffer = new ArrayBuffer(bytes.length)
    encodeFloats(dtype, Float32Array.of(1.5), buffer)
    expect([...new Uint8Array(buffer)]).toEqual(bytes)
  })

  it('shares memory between values and their bytes', () => {
    const values = new Float32Array(3).subarray(1)
    bytesOf(values).set([0, 0, 0xc0, 0x3f], 4)
    expect([...values]).toEqual([0, 1.5])
  })
})

describe('dtypes', () => {
  it('knows names, and nothing that a plain object inherits', () => {
    expect(['F32', 'BOOL', 'F4', 'constructor', '__proto__', ''].map(isDtype)).toEqual([
      true,
      true,
      false,
      false,
      false,
      false,
    ])
    expect(['BF16', 'I64', 'toString'].map(isFloatDtype)).toEqual([true, false, false])
  })

  it('counts bytes, with 1 element in a scalar and none in an empty tensor', () => {
    expect(tensorBytes('BF16', [3, 5])).toBe(30)
    expect(tensorBytes('I64', [])).toBe(8)
    expect(tensorBytes('F32', [4, 0, 7])).toBe(0)
  })

  it('refuses sizes beyond exact integers', () => {
    expect(() => tensorBytes('F32', [2 ** 40, 2 ** 40])).toThrow(/whole number of elements/)
  })
})

describe('bytes in memory', () => {
  it('reads ranges and refuses what lies outside', async () => {
    const source = memorySource('x', Uint8Array.of(1, 2, 3, 4))
    const target = new Uint8Array(2)
    await source.read(1, target)
    expect([...target]).toEqual([2, 3])
    await expect(source.read(3, target)).rejects.toMatchObject({ code: 'invalid-argument' })
  })

  it('keeps what was written although the writer reuses its chunk', async () => {
    const sink = memorySink()
    const chunk = Uint8Array.of(1, 2)
    await sink.write(chunk)
    chunk.fill(9)
    await sink.write(chunk)
    expect([...sink.bytes()]).toEqual([1, 2, 9, 9])
  })
})
