import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { openGgufCheckpoint } from '../../../../main/engine/checkpoint'
import { GraftError } from '../../../../main/engine/errors'
import { memorySource, type ByteSource } from '../../../../main/engine/tensor'
import { bytesOfNumber, ggufBytes, join, text } from '../../../helpers/write-gguf'
import { watched } from '../files'
import { norm, smallFile, smallMetadata, table } from './small-file'

const open = (bytes: Uint8Array) => openGgufCheckpoint(memorySource('m.gguf', bytes))
const u32 = (value: number): Uint8Array => bytesOfNumber('u32', value)
const u64 = (value: number | bigint): Uint8Array => {
  const bytes = new Uint8Array(8)
  new DataView(bytes.buffer).setBigUint64(0, BigInt(value), true)
  return bytes
}
/** A header by hand: counts that lie, values that are none. */
const raw = (tensors: number | bigint, entries: number | bigint, ...rest: Uint8Array[]): Uint8Array =>
  join([new TextEncoder().encode('GGUF'), u32(3), u64(tensors), u64(entries), ...rest])
const entry = (...value: Uint8Array[]): Uint8Array => raw(0, 1, text('k'), ...value)
const most = 2n ** 64n - 1n
const tensor = (shape: (number | bigint)[], type: number, offset: number): Uint8Array =>
  join([text('t'), u32(shape.length), ...shape.map(u64), u32(type), u64(offset)])
const tensorFile = (shape: (number | bigint)[], type = 0, offset = 0): Uint8Array =>
  join([raw(1, 0, tensor(shape, type, offset)), new Uint8Array(256)])
const nested = (levels: number): Uint8Array[] => Array.from({ length: levels }, () => join([u32(9), u64(1)]))

const faults: [string, Uint8Array, RegExp][] = [
  ['no bytes', new Uint8Array(0), /4 bytes of a GGUF header, got 0 bytes/],
  ['another start', new TextEncoder().encode('PK\x03\x04 and so on'), /starts with "GGUF"/],
  ['version 1', smallFile({ version: 1 }), /version 2 or 3, got version 1/],
  ['version 4', smallFile({ version: 4 }), /got version 4/],
  ['big-endian numbers', smallFile({ version: 3 << 24 }), /got a big-endian file/],
  ['2^64 - 1 tensors', raw(most, 0), /at most 0 tensors/],
  ['more tensors than bytes', raw(9, 0, new Uint8Array(64)), /at most 2 tensors .*got 9/],
  ['2^64 - 1 metadata entries', raw(0, most), /at most 0 metadata entries/],
  ['a key of 2^64 - 1 bytes', raw(0, 1, u64(most), new Uint8Array(20)), /bytes of the key of metadata entry 1/],
  ['a key that is not UTF-8', raw(0, 1, u64(1), Uint8Array.of(0xff), u32(4), u32(0)), /in UTF-8/],
  ['a repeated key', raw(0, 2, text('k'), u32(4), u32(0), text('k'), u32(4), u32(0)), /"k" twice/],
  ['an unknown type of value', entry(u32(13), u64(0)), /"k" of a known type, got type 13/],
  ['a truth value of 2', entry(u32(7), Uint8Array.of(2)), /0 or 1, got 2/],
  ['a text longer than the file', entry(u32(8), u64(1000)), /1000 bytes of the value of "k", got 0/],
  ['a text of 2^64 - 1 bytes', entry(u32(8), u64(most)), /got 0 bytes/],
  ['a list of an unknown type', entry(u32(9), u32(77), u64(0)), /of a known type, got type 77/],
  ['a list longer than the file', entry(u32(9), u32(6), u64(2 ** 40)), /at most 0 items/],
  ['a list of 2^64 - 1 texts', entry(u32(9), u32(8), u64(most)), /at most 0 items/],
  ['lists in lists', entry(u32(9), ...nested(9), u32(4), u64(0), new Uint8Array(64)), /at most 4 levels/],
  ['a tensor without dimensions', tensorFile([]), /1 to 4 dimensions, got 0/],
  ['a tensor of five dimensions', tensorFile([1, 1, 1, 1, 1]), /1 to 4 dimensions, got 5/],
  ['2^32 - 1 dimensions', join([raw(1, 0, text('t'), u32(2 ** 32 - 1)), new Uint8Array(99)]), /got 4294967295/],
  ['a size of 0', tensorFile([4, 0]), /sizes from 1/],
  ['a size of 2^64 - 1', tensorFile([most]), /2\^50 elements/],
  ['a product beyond exact integers', tensorFile([2 ** 31, 2 ** 31]), /2\^50 elements/],
  ['a row that no block fills', tensorFile([33], 2), /Q4_0 with rows of a multiple of 32, got 33/],
  ['data beyond the file', tensorFile([1000]), /end within the file's/],
  ['an offset beyond the file', tensorFile([1], 0, 4096), /end within the file's/],
  ['an offset between the alignment', tensorFile([1], 0, 4), /multiple of 32, got the offset 4/],
  ['an overlap', smallFile({ tensors: [table, { ...norm, offset: 32 }] }), /an overlap/],
  ['the same bytes twice', smallFile({ tensors: [table, { ...table, name: 'x', offset: 0 }] }), /an overlap/],
  ['a repeated tensor', smallFile({ tensors: [norm, norm] }), /each tensor name once/],
  ['an alignment of 0', smallFile({ metadata: { 'general.alignment': ['u32', 0] } }), /power of two, got 0/],
  ['an alignment of 24', smallFile({ metadata: { 'general.alignment': ['u32', 24] } }), /power of two, got 24/],
  ['an alignment in words', smallFile({ metadata: { 'general.alignment': ['string', '32'] } }), /power of two/],
  [
    'an alignment beyond the file',
    smallFile({ metadata: { 'general.alignment': ['u32', 2 ** 31] } }),
    /multiple of|end/,
  ],
]

describe('a broken GGUF file', () => {
  it.each(faults)('with %s is refused by name', async (_, bytes, message) => {
    const error = await open(bytes).catch((reason: unknown) => reason)
    expect(error).toBeInstanceOf(GraftError)
    expect(error).toMatchObject({ code: 'checkpoint-header', details: { file: 'm.gguf' } })
    expect((error as Error).message).toMatch(message)
    expect((error as Error).message).toMatch(/^m\.gguf: expected .*, got .*; /)
  })

  it('cut off at any byte is refused, never read as another model', async () => {
    const whole = smallFile()
    const dataEnd = whole.length
    for (let length = 0; length < dataEnd; length++) {
      const error = await open(whole.subarray(0, length)).catch((reason: unknown) => reason)
      expect(error, `cut to ${length}`).toMatchObject({ code: 'checkpoint-header' })
    }
    await expect(open(whole)).resolves.toMatchObject({ bytes: dataEnd })
  })

  it('with any bytes changed is read or refused with a GraftError, nothing else', async () => {
    const whole = smallFile({ metadata: { list: ['list', 'string', ['a', 'b']], n: ['lists', [[1, 2], []]] } })
    const change = fc.tuple(fc.nat(whole.length - 1), fc.constantFrom(0, 1, 9, 0x7f, 0x80, 0xff, 3))
    await fc.assert(
      fc.asyncProperty(fc.array(change, { minLength: 1, maxLength: 6 }), async (changes) => {
        const bytes = whole.slice()
        for (const [at, value] of changes) bytes[at] = value
        const file = await open(bytes).catch((reason: unknown) => {
          expect(reason).toBeInstanceOf(GraftError)
        })
        for (const name of file?.names ?? []) await file?.readFloat32(name)
      }),
      { numRuns: 1500 },
    )
  })

  it('of random bytes behind a right start is refused', async () => {
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ maxLength: 400 }), async (bytes) => {
        const start = join([new TextEncoder().encode('GGUF'), u32(3), bytes])
        await expect(open(start)).rejects.toBeInstanceOf(GraftError)
      }),
      { numRuns: 300 },
    )
  })
})

/** A file of any size whose bytes behind the header are zeros, and none of which is in memory. */
const hollow = (header: Uint8Array, size: number): ByteSource => ({
  name: 'm.gguf',
  size,
  async read(offset, target) {
    target.fill(0)
    if (offset < header.length) target.set(header.subarray(offset, offset + target.length))
  },
})

describe('a huge file', () => {
  const huge = 2 ** 43
  it.each([
    ['texts', entry(u32(9), u32(8), u64(2 ** 39))],
    ['bytes', entry(u32(9), u32(0), u64(2 ** 40))],
    ['a text', entry(u32(8), u64(2 ** 40))],
    ['tensors', raw(2 ** 37, 0)],
  ])('does not get the memory that its list of %s asks for', async (_, header) => {
    const source = watched(hollow(header, huge))
    await expect(openGgufCheckpoint(source)).rejects.toMatchObject({ code: 'checkpoint-header' })
    expect(Math.max(...source.requests)).toBeLessThanOrEqual(2 ** 20)
  })

  it('is opened by its header alone', async () => {
    const header = smallFile()
    const source = watched(hollow(header, huge))
    await openGgufCheckpoint(source)
    expect(source.requests.reduce((sum, bytes) => sum + bytes, 0)).toBeLessThanOrEqual(2 ** 20)
  })

  it('with a vector of frequencies as large as itself is refused before that is read', async () => {
    const rope = { name: 'rope_freqs.weight', shape: [2 ** 38], type: 0, data: new Uint8Array(0) }
    const source = watched(hollow(smallFile({ tensors: [norm, rope] }), huge))
    await expect(openGgufCheckpoint(source)).rejects.toThrow(/rope_freqs\.weight with at most/)
  })
})

describe('a whole file that is no model for here', () => {
  it.each([
    ['another architecture', { 'general.architecture': ['string', 'mamba'] }, 'architecture-unknown', /got "mamba"/],
    ['an adapter', { 'general.type': ['string', 'adapter'] }, 'unsupported', /type "adapter"; choose the base model/],
    ['one part of three', { 'split.count': ['u16', 3] }, 'unsupported', /one of 3 parts.*--merge/],
    ['a mixture of experts', { 'llama.expert_count': ['u32', 8] }, 'unsupported', /expert_count: expected 0, got 8/],
    ['half-rotated heads', { 'llama.rope.dimension_count': ['u32', 2] }, 'unsupported', /expected 4, got 2/],
    ['heads in words', { 'llama.attention.head_count': ['string', '2'] }, 'config-invalid', /a number, got "2"/],
  ] as const)('%s says so', async (_, metadata, code, message) => {
    const error = await open(smallFile({ metadata })).catch((reason: unknown) => reason)
    expect(error).toMatchObject({ code })
    expect((error as Error).message).toMatch(message)
  })

  it.each([
    [10, 'Q2_K'],
    [23, 'IQ4_XS'],
    [28, 'F64'],
    [4000, 'type number 4000'],
  ])('tensor type %d is called %s', async (type, name) => {
    await expect(open(smallFile({ tensors: [{ ...norm, type }] }))).rejects.toMatchObject({
      code: 'unsupported',
      message: expect.stringContaining(`got ${name}; choose a file of another quantisation`) as string,
    })
  })

  it.each(Object.keys(smallMetadata).filter((key) => /embedding|feed|block|context|head_count$|eps/.test(key)))(
    'without %s names the key',
    async (key) => {
      const rest = Object.fromEntries(Object.entries(smallMetadata).filter(([name]) => name !== key))
      await expect(open(ggufBytes({ metadata: rest, tensors: [table] }))).rejects.toMatchObject({
        code: 'config-invalid',
        message: expect.stringContaining(`${key}: expected a number, got nothing`) as string,
      })
    },
  )
})
