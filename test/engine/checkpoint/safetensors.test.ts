import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { openSafetensors, writeSafetensors, type TensorToWrite } from '../../../main/engine/checkpoint'
import { decodeFloats, DTYPE_BYTES, encodeFloats, memorySink, memorySource } from '../../../main/engine/tensor'
import type { Dtype, WritableFloatDtype } from '../../../main/engine/tensor'
import { f32, headerText, watched, writtenBytes } from './files'

const MEGABYTE = 1024 * 1024
const open = (bytes: Uint8Array) => openSafetensors(memorySource('m', bytes))

/** A tensor of any type and shape, with bytes as its data. */
const anyTensor = fc
  .record({
    name: fc.string({ unit: 'grapheme' }),
    dtype: fc.constantFrom(...(Object.keys(DTYPE_BYTES) as Dtype[])),
    shape: fc.array(fc.nat(5), { maxLength: 3 }),
    seed: fc.nat(255),
  })
  .map(({ name, dtype, shape, seed }) => {
    const bytes = shape.reduce((product, size) => product * size, DTYPE_BYTES[dtype])
    return { name, dtype, shape, data: Uint8Array.from({ length: bytes }, (_, i) => seed + 7 * i) }
  })

describe('safetensors round trip', () => {
  it('gives back names, types, shapes, bytes and metadata', async () => {
    const tensors = fc.uniqueArray(anyTensor, { selector: ({ name }) => name, maxLength: 8 })
    const metadata = fc.dictionary(fc.string({ unit: 'grapheme' }), fc.string({ unit: 'grapheme' }), { maxKeys: 3 })
    await fc.assert(
      fc.asyncProperty(tensors, metadata, async (list, texts) => {
        const file = await open(await writtenBytes(list, texts))
        expect(file.metadata).toEqual({ ...texts })
        expect(file.names.toSorted()).toEqual(list.map(({ name }) => name).toSorted())
        for (const { name, dtype, shape, data } of list) {
          expect(file.info(name)).toMatchObject({ dtype, shape })
          expect(await file.readBytes(name)).toEqual(data)
        }
      }),
    )
  })

  it.each<WritableFloatDtype>(['F32', 'F16', 'BF16'])('rounds floats to %s once', async (dtype) => {
    const values = fc.float32Array({ maxLength: 20 })
    await fc.assert(
      fc.asyncProperty(values, async (data) => {
        const file = await open(await writtenBytes([{ name: 'x', dtype, shape: [data.length], data }]))
        const buffer = new ArrayBuffer(data.byteLength)
        encodeFloats(dtype, data, buffer)
        const expected = new Float32Array(data.length)
        decodeFloats(dtype, buffer, expected)
        expect(await file.readFloat32('x')).toEqual(expected)
      }),
    )
  })
})

describe('reading', () => {
  const sample = async () => open(await writtenBytes([f32('x', [3, 2], [1, 2, 3, 4, 5, 6])]))

  it('fills the target that it is given', async () => {
    const target = new Float32Array(8).subarray(1, 7)
    expect(await (await sample()).readFloat32('x', target)).toBe(target)
    expect([...new Float32Array(target.buffer)]).toEqual([0, 1, 2, 3, 4, 5, 6, 0])
  })

  it('reads single rows', async () => {
    const file = await sample()
    expect([...(await file.readRows('x', 1, 2))]).toEqual([3, 4, 5, 6])
    expect([...(await file.readRows('x', 3, 0))]).toEqual([])
    await expect(file.readRows('x', 2, 2)).rejects.toThrow(/rows within 0 to 3, got 2 from 2/)
    await expect(file.readRows('x', -1, 1)).rejects.toMatchObject({ code: 'invalid-argument' })
  })

  it('reads rows of a converted type from their own place', async () => {
    const data = Float32Array.from({ length: 12 }, (_, i) => i / 4)
    const file = await open(await writtenBytes([{ name: 'x', dtype: 'BF16', shape: [4, 3], data }]))
    expect([...(await file.readRows('x', 2, 1))]).toEqual([1.5, 1.75, 2])
  })

  it('refuses a wrong target, an unknown name and integers as floats', async () => {
    const file = await open(await writtenBytes([{ name: 'i', dtype: 'I64', shape: [1], data: new Uint8Array(8) }]))
    await expect(file.readFloat32('i')).rejects.toThrow(/floating-point tensor, got I64/)
    await expect(file.readFloat32('j')).rejects.toThrow(/expected a tensor "j", got none/)
    expect(() => file.info('j')).toThrow(/expected a tensor "j"/)
    await expect((await sample()).readFloat32('x', new Float32Array(5))).rejects.toMatchObject({
      code: 'shape-mismatch',
    })
  })

  it.each<WritableFloatDtype>(['F16', 'BF16'])('converts %s through chunks of at most 4 MiB', async (dtype) => {
    const length = 5 * MEGABYTE + 3
    const data = Float32Array.from({ length }, (_, i) => (i % 251) / 4)
    const source = watched(memorySource('m', await writtenBytes([{ name: 'x', dtype, shape: [length], data }])))
    const file = await openSafetensors(source)
    source.requests.length = 0
    expect(Buffer.compare(Buffer.from((await file.readFloat32('x')).buffer), Buffer.from(data.buffer))).toBe(0)
    expect(source.requests).toEqual([4 * MEGABYTE, 4 * MEGABYTE, 2 * MEGABYTE + 6])
  })

  it('reads float32 straight into the target', async () => {
    const source = memorySource('m', await writtenBytes([f32('x', [2], [1, 2])]))
    const targets: ArrayBufferLike[] = []
    const read: typeof source.read = (offset, into) => {
      targets.push(into.buffer)
      return source.read(offset, into)
    }
    const file = await openSafetensors({ ...source, read })
    const target = new Float32Array(2)
    await file.readFloat32('x', target)
    expect(targets.at(-1)).toBe(target.buffer)
  })
})

describe('writing', () => {
  const mixed: TensorToWrite[] = [
    { name: 'c', dtype: 'U8', shape: [3], data: Uint8Array.of(1, 2, 3) },
    { name: 'b', dtype: 'F32', shape: [1], data: Float32Array.of(1) },
    { name: 'a', dtype: 'BF16', shape: [1], data: Float32Array.of(1) },
    { name: 'd', dtype: 'I64', shape: [], data: new Uint8Array(8) },
    { name: 'a2', dtype: 'F32', shape: [1], data: Float32Array.of(1) },
  ]

  it('puts wide elements first, then goes by name, and pads the header', async () => {
    const bytes = await writtenBytes(mixed)
    const text = headerText(bytes)
    expect((await open(bytes)).names).toEqual(['d', 'a2', 'b', 'a', 'c'])
    expect(text.startsWith('{"__metadata__":{"format":"pt"},"d":{"dtype":"I64","shape":[],"data_offsets":[0,8]}')).toBe(
      true,
    )
    expect(new TextEncoder().encode(text).byteLength % 8).toBe(0)
    expect(text.trimEnd().endsWith('}')).toBe(true)
  })

  it('asks for lazy data once, in file order, each after the last was written', async () => {
    const log: string[] = []
    const sink = memorySink()
    const lazy = (name: string, value: number): TensorToWrite => ({
      name,
      dtype: 'F32',
      shape: [1],
      data: async () => {
        log.push(name)
        return Float32Array.of(value)
      },
    })
    const write = async (chunk: Uint8Array): Promise<void> => {
      log.push(`${chunk.byteLength} bytes`)
      await sink.write(chunk)
    }
    await writeSafetensors({ write }, [lazy('b', 2), lazy('a', 1)])
    expect(log.slice(1)).toEqual(['a', '4 bytes', 'b', '4 bytes'])
    expect([...(await (await open(sink.bytes())).readFloat32('b'))]).toEqual([2])
  })

  it('hands on chunks of at most 4 MiB', async () => {
    const sizes: number[] = []
    const data = new Float32Array(3 * MEGABYTE)
    const tensor: TensorToWrite = { name: 'x', dtype: 'F16', shape: [data.length], data }
    await writeSafetensors({ write: async (chunk) => void sizes.push(chunk.byteLength) }, [tensor])
    expect(sizes.slice(1)).toEqual([4 * MEGABYTE, 2 * MEGABYTE])
  })

  it.each<[string, TensorToWrite[], string]>([
    ['a name twice', [f32('x', [], [1]), f32('x', [], [1])], 'invalid-argument'],
    ['the reserved name', [f32('__metadata__', [], [1])], 'invalid-argument'],
    ['too few values', [f32('x', [2], [1])], 'shape-mismatch'],
    ['too many bytes', [{ name: 'x', dtype: 'U8', shape: [1], data: new Uint8Array(2) }], 'shape-mismatch'],
    ['floats as integers', [{ name: 'x', dtype: 'I32', shape: [1], data: Float32Array.of(1) }], 'invalid-argument'],
    ['a negative size', [f32('x', [-1], [])], 'invalid-argument'],
  ])('refuses %s', async (_, tensors, code) => {
    await expect(writtenBytes(tensors)).rejects.toMatchObject({ code })
  })
})
