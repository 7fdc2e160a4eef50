import { readFile } from 'node:fs/promises'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { openGgufCheckpoint, openSafetensors, type GgufCheckpoint } from '../../../../main/engine/checkpoint'
import { memorySource, type ByteSource } from '../../../../main/engine/tensor'
import { ggufBytes } from '../../../helpers/write-gguf'
import { watched } from '../files'
import { smallMetadata } from './small-file'

const golden = async (name: string): Promise<ByteSource> =>
  memorySource(name, await readFile(new URL(`../../../goldens/gguf/${name}`, import.meta.url)))

/** Bits, so that −0 differs from 0; NaN equals NaN whatever its payload. */
const bits = (values: Float32Array): Uint32Array => new Uint32Array(values.map((v) => v).buffer)
function expectSameBits(got: Float32Array, expected: Float32Array): void {
  expect(got.length).toBe(expected.length)
  const [a, b] = [bits(got), bits(expected)]
  const wrong = got.findIndex((value, i) => a[i] !== b[i] && !(Number.isNaN(value) && Number.isNaN(expected[i])))
  expect(wrong === -1 ? 'equal' : `element ${wrong}: ${got[wrong]} for ${expected[wrong]}`).toBe('equal')
}

describe('random blocks', async () => {
  const file = await openGgufCheckpoint(await golden('blocks.gguf'))
  const expected = await openSafetensors(await golden('blocks.safetensors'))

  it('are of every type that can be read', () => {
    expect(file.names.toSorted()).toEqual(expected.names.toSorted())
    expect(file.names.length).toBe(11)
  })

  it.each(file.names)('give what the format owners’ reader gives: %s', async (name) => {
    expectSameBits(await file.readFloat32(name), await expected.readFloat32(name))
  })

  it.each(file.names)('give the same row by row: %s', async (name) => {
    const whole = await expected.readFloat32(name)
    expectSameBits(await file.readRows(name, 1, 1), whole.subarray(whole.length / 2))
  })
})

/** binary16 by its definition. */
function half(low: number, high: number): number {
  const [pattern, sign] = [((high & 0x7f) << 8) | low, high & 0x80 ? -1 : 1]
  const [exponent, fraction] = [pattern >> 10, pattern & 0x3ff]
  if (exponent === 31) return fraction ? NaN : sign * Infinity
  return sign * (exponent ? (1 + fraction / 1024) * 2 ** (exponent - 15) : fraction * 2 ** -24)
}

type Block = Uint8Array
const scale = (b: Block, at = 0): number => half(b[at]!, b[at + 1]!)
/** The bits of the block as one number, which shifts cannot lose. */
const bitAt = (b: Block, at: number, bit: number): number => Math.floor(b[at + (bit >> 3)]! / 2 ** (bit & 7)) % 2
const nibble = (byte: number, high: boolean): number => (high ? Math.floor(byte / 16) : byte % 16)
const small = (b: Block, at: number, e: number): number => nibble(b[at + (e % 16)]!, e >= 16)
/** Scale (or minimum) t of the twelve bytes that eight of each are packed into. */
function packed(b: Block, t: number, minimum: boolean): number {
  const own = 4 + (t % 4)
  if (t < 4) return b[own + (minimum ? 4 : 0)]! % 64
  const top = Math.floor(b[own + (minimum ? 4 : 0)]! / 64)
  return nibble(b[own + 8]!, minimum) + 16 * top
}
const kValue = (b: Block, e: number, n: number): number => {
  const t = Math.floor(e / 32)
  return scale(b) * packed(b, t, false) * n - scale(b, 2) * packed(b, t, true)
}
const kNibble = (b: Block, at: number, e: number): number =>
  nibble(b[at + Math.floor(e / 64) * 32 + (e % 32)]!, e % 64 >= 32)
function q6(b: Block, e: number): number {
  const [upper, k, l] = [Math.floor(e / 128), Math.floor((e % 128) / 32), e % 32]
  const low = nibble(b[64 * upper + 32 * (k % 2) + l]!, k > 1)
  const high = Math.floor(b[128 + 32 * upper + l]! / 4 ** k) % 4
  return low + 16 * high - 32
}
const signed = (byte: number): number => (byte > 127 ? byte - 256 : byte)

/** Element e of a block, by the format's table: [type, elements, bytes, value]. */
const formulas: readonly (readonly [string, number, number, number, (b: Block, e: number) => number])[] = [
  ['F16', 1, 1, 2, (b) => scale(b)],
  ['BF16', 30, 1, 2, (b) => new DataView(Uint8Array.of(0, 0, b[0]!, b[1]!).buffer).getFloat32(0, true)],
  ['Q4_0', 2, 32, 18, (b, e) => scale(b) * (small(b, 2, e) - 8)],
  ['Q4_1', 3, 32, 20, (b, e) => scale(b) * small(b, 4, e) + scale(b, 2)],
  ['Q5_0', 6, 32, 22, (b, e) => scale(b) * (small(b, 6, e) + 16 * bitAt(b, 2, e) - 16)],
  ['Q5_1', 7, 32, 24, (b, e) => scale(b) * (small(b, 8, e) + 16 * bitAt(b, 4, e)) + scale(b, 2)],
  ['Q8_0', 8, 32, 34, (b, e) => scale(b) * signed(b[2 + e]!)],
  ['Q4_K', 12, 256, 144, (b, e) => kValue(b, e, kNibble(b, 16, e))],
  ['Q5_K', 13, 256, 176, (b, e) => kValue(b, e, kNibble(b, 48, e) + 16 * bitAt(b, 16 + (e % 32), Math.floor(e / 32)))],
  ['Q6_K', 14, 256, 210, (b, e) => scale(b, 208) * signed(b[192 + Math.floor(e / 16)]!) * q6(b, e)],
]

async function openBlocks(type: number, elements: number, data: Uint8Array, bytes: number): Promise<GgufCheckpoint> {
  const shape = [1, (data.length / bytes) * elements]
  const tensors = [{ name: 'blk.0.ffn_up.weight', shape, type, data }]
  return openGgufCheckpoint(watched(memorySource('m.gguf', ggufBytes({ metadata: smallMetadata, tensors }))))
}
const NAME = 'model.layers.0.mlp.up_proj.weight'

describe.each(formulas)('%s', (_name, type, elements, bytes, valueOf) => {
  it('is its formula, for any bytes', async () => {
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ minLength: 2 * bytes, maxLength: 2 * bytes }), async (data) => {
        const got = await (await openBlocks(type, elements, data, bytes)).readFloat32(NAME)
        const expected = Float32Array.from({ length: 2 * elements }, (_, e) => {
          const block = Math.floor(e / elements)
          return valueOf(data.subarray(block * bytes, (block + 1) * bytes), e % elements)
        })
        expectSameBits(got, expected)
      }),
      { numRuns: 60 },
    )
  })

  it('is read in chunks of at most 4 MiB, none of which is cut inside a block', async () => {
    const count = Math.ceil((4.5 * 1024 * 1024) / bytes)
    const block = Uint8Array.from({ length: bytes }, (_, i) => (i * 37 + 11) % 120)
    const data = new Uint8Array(count * bytes)
    for (let i = 0; i < count; i++) data.set(block, i * bytes)
    const source = watched(
      memorySource(
        'm.gguf',
        ggufBytes({
          metadata: smallMetadata,
          tensors: [{ name: 'blk.0.ffn_up.weight', shape: [1, count * elements], type, data }],
        }),
      ),
    )
    const values = await (await openGgufCheckpoint(source)).readFloat32(NAME)
    const expected = Float32Array.from({ length: elements }, (_, e) => valueOf(block, e))
    const last = values.subarray(values.length - elements)
    expectSameBits(values.subarray(0, elements), expected)
    expectSameBits(last, expected)
    expect(Math.max(...source.requests)).toBeLessThanOrEqual(4 * 1024 * 1024)
  })
})
