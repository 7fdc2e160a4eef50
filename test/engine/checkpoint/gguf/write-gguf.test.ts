import { describe, expect, it } from 'vitest'
import { gguf, openGgufCheckpoint } from '../../../../main/engine/checkpoint'
import { readGgufHeader } from '../../../../main/engine/checkpoint/gguf/header/read-header'
import { memorySink, memorySource } from '../../../../main/engine/tensor'
import { smallFile } from './small-file'

const counted = (length: number): Float32Array => Float32Array.from({ length }, (_, i) => (i % 16) - 8)

async function written(
  entries: readonly (readonly [string, gguf.GgufTyped])[],
  tensors: readonly gguf.GgufTensorToWrite[] = [],
): Promise<Uint8Array> {
  const sink = memorySink()
  await gguf.writeGguf(sink, new Map(entries), tensors)
  return sink.bytes()
}

const values: readonly (readonly [string, gguf.GgufTyped, unknown])[] = [
  ['a.number', gguf.u32(4_000_000_000), 4_000_000_000],
  ['a.fraction', gguf.f32(0.25), 0.25],
  ['a.flag', gguf.flag(true), true],
  ['a.text', gguf.text('Grüße, 你好 \u0000'), 'Grüße, 你好 \u0000'],
  ['texts', gguf.texts(['a b', '', 'Ġthe']), ['a b', '', 'Ġthe']],
  ['flags', gguf.flags([true, false, true]), [true, false, true]],
  ['signed', { type: 'i32', value: -3 }, -3],
  ['types', gguf.i32s(Int32Array.of(1, -1, 6)), Int32Array.of(1, -1, 6)],
  ['scores', gguf.f32s(Float32Array.of(-0.5, 2)), Float32Array.of(-0.5, 2)],
]

describe('metadata', () => {
  it('comes back with every type', async () => {
    const bytes = await written(values.map(([key, value]) => [key, value]))
    const { metadata } = await readGgufHeader(memorySource('m.gguf', bytes))
    expect([...metadata]).toEqual(values.map(([key, , value]) => [key, value]))
  })

  it('is taken over from another file byte for byte', async () => {
    const first = await written(values.map(([key, value]) => [key, value]))
    const model = { 'general.architecture': ['string', 'llama'] } as const
    const source = await openGgufCheckpoint(memorySource('a.gguf', smallFile({ metadata: model })))
    expect(await source.readMetadata('absent')).toBeUndefined()
    const key = 'llama.attention.layer_norm_rms_epsilon'
    const epsilon = await source.readMetadata(key)
    expect([...epsilon!.subarray(0, 4)]).toEqual([6, 0, 0, 0])
    const copy = await written([[key, gguf.stored(epsilon!)]])
    const { metadata } = await readGgufHeader(memorySource('b.gguf', copy))
    expect(metadata.get(key)).toBe(source.ggufMetadata.get(key))
    const { places } = await readGgufHeader(memorySource('c.gguf', first))
    const parts = values.map(([name]) => [
      name,
      gguf.stored(first.slice(places.get(name)?.begin, places.get(name)?.end)),
    ])
    expect(await written(parts as [string, gguf.GgufTyped][])).toEqual(first)
  })

  it('grows beyond the first piece of memory', async () => {
    const many = Array.from({ length: 30_000 }, (_, i) => `token ${i}`)
    const { metadata } = await readGgufHeader(memorySource('m.gguf', await written([['many', gguf.texts(many)]])))
    expect(metadata.get('many')).toEqual(many)
  })
})

describe('tensors', () => {
  const tensor = (type: gguf.GgufTensorType, shape: readonly number[]): gguf.GgufTensorToWrite => ({
    name: `${type} ${shape.join('x')}`,
    shape,
    type,
    data: () => counted(shape.reduce((product, size) => product * size, 1)),
  })

  it('of every type lie at aligned places and come back', async () => {
    const all = gguf.writableTypes.flatMap((type) => [tensor(type, [3, 64]), tensor(type, [32])])
    const bytes = await written([], all)
    const { tensors } = await readGgufHeader(memorySource('m.gguf', bytes))
    expect([...tensors.keys()]).toEqual(all.map(({ name }) => name))
    for (const { name, shape, type } of all) {
      const found = tensors.get(name)!
      expect([found.shape, found.format.name, found.begin % 32]).toEqual([shape, type, 0])
      const back = new Float32Array(shape.reduce((product, size) => product * size, 1))
      found.format.decode(bytes.slice(found.begin, found.end).buffer, back)
      // Small whole numbers from −8 to 7 are what four bits say exactly; eight bits have steps of 8 / 127.
      expect(Math.max(...back.map((value, i) => Math.abs(value - counted(back.length)[i]!)))).toBeLessThan(0.04)
    }
  })

  it('of whole chunks and a rest come back', async () => {
    const long = tensor('F16', [2 ** 21 + 5])
    const bytes = await written([], [long])
    const { tensors } = await readGgufHeader(memorySource('m.gguf', bytes))
    const { begin, end, format } = tensors.get(long.name)!
    const back = new Float32Array(2 ** 21 + 5)
    format.decode(bytes.slice(begin, end).buffer, back)
    const expected = counted(back.length)
    expect(back.findIndex((value, i) => value !== expected[i])).toBe(-1)
  })

  it('whose rows do not divide into blocks are refused before anything is written', async () => {
    const sink = memorySink()
    const attempt = gguf.writeGguf(sink, new Map(), [tensor('Q8_0', [2, 48])])
    await expect(attempt).rejects.toMatchObject({ code: 'invalid-argument', details: { type: 'Q8_0' } })
    expect(sink.bytes()).toHaveLength(0)
  })

  it('of another size than they say are refused', async () => {
    const wrong = { ...tensor('F32', [4]), data: () => counted(5) }
    await expect(written([], [wrong])).rejects.toMatchObject({ code: 'shape-mismatch' })
  })
})
