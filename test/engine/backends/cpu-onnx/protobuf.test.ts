import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createProtoWriter, type ProtoWriter } from '../../../../main/engine/backends/cpu-onnx/protobuf'

function written(write: (w: ProtoWriter) => void): number[] {
  const w = createProtoWriter()
  write(w)
  return [...w.finish()]
}

/** The varint at the beginning of the bytes, as a signed number of 64 bits. */
function readVarint(bytes: readonly number[]): bigint {
  const end = bytes.findIndex((byte) => byte < 0x80)
  const value = bytes.slice(0, end + 1).reduceRight((sum, byte) => (sum << 7n) | BigInt(byte & 0x7f), 0n)
  return BigInt.asIntN(64, value)
}

describe('whole numbers', () => {
  // Field 1, wire type 0: the tag is 08.
  it.each([
    [0, [0x08, 0x00]],
    [1, [0x08, 0x01]],
    [127, [0x08, 0x7f]],
    [128, [0x08, 0x80, 0x01]],
    [150, [0x08, 0x96, 0x01]],
    [300, [0x08, 0xac, 0x02]],
    [16_384, [0x08, 0x80, 0x80, 0x01]],
    [2 ** 32, [0x08, 0x80, 0x80, 0x80, 0x80, 0x10]],
    [-1, [0x08, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x01]],
    [-2, [0x08, 0xfe, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x01]],
  ])('%d', (value, bytes) => {
    expect(written((w) => w.integer(1, value))).toEqual(bytes)
  })

  it('can be read back, whichever they are', () => {
    fc.assert(
      fc.property(fc.maxSafeInteger(), (value) => {
        const [tag, ...rest] = written((w) => w.integer(3, value))
        expect(tag).toBe(0x18)
        expect(readVarint(rest)).toBe(BigInt(value))
      }),
      { seed: 3 },
    )
  })

  it('have tags of two bytes from field 16 on', () => {
    expect(written((w) => w.integer(15, 2))).toEqual([0x78, 0x02])
    expect(written((w) => w.integer(16, 2))).toEqual([0x80, 0x01, 0x02])
    expect(written((w) => w.integer(20, 7))).toEqual([0xa0, 0x01, 0x07])
  })
})

it.each([
  [1, [0x00, 0x00, 0x80, 0x3f]],
  [-2.5, [0x00, 0x00, 0x20, 0xc0]],
  [0.1, [0xcd, 0xcc, 0xcc, 0x3d]],
  [0, [0, 0, 0, 0]],
])('the float %d is its 32 bits, the lowest byte first', (value, bytes) => {
  expect(written((w) => w.float(2, value))).toEqual([0x15, ...bytes])
})

describe('bytes and messages', () => {
  it('texts are UTF-8 after their length in bytes', () => {
    expect(written((w) => w.bytes(2, 'testing'))).toEqual([0x12, 7, 0x74, 0x65, 0x73, 0x74, 0x69, 0x6e, 0x67])
    expect(written((w) => w.bytes(1, 'é→'))).toEqual([0x0a, 5, 0xc3, 0xa9, 0xe2, 0x86, 0x92])
    expect(written((w) => w.bytes(1, ''))).toEqual([0x0a, 0])
  })

  it('long ones have a long length', () => {
    const bytes = written((w) => w.bytes(4, new Uint8Array(200).fill(9)))
    expect(bytes.slice(0, 4)).toEqual([0x22, 0xc8, 0x01, 9])
    expect(bytes).toHaveLength(3 + 200)
  })

  it('a message is the bytes of its fields, messages in it too', () => {
    expect(written((w) => w.message(3, (inner) => inner.integer(1, 150)))).toEqual([0x1a, 0x03, 0x08, 0x96, 0x01])
    const nested = written((w) => w.message(1, (a) => a.message(2, (b) => b.integer(1, 5))))
    expect(nested).toEqual([0x0a, 0x04, 0x12, 0x02, 0x08, 0x05])
    expect(written((w) => w.message(1, () => {}))).toEqual([0x0a, 0x00])
  })

  it('do not change when the array that was given does', () => {
    const w = createProtoWriter()
    const given = Uint8Array.of(1, 2)
    w.bytes(1, given)
    given.fill(9)
    expect([...w.finish()]).toEqual([0x0a, 2, 1, 2])
  })
})
