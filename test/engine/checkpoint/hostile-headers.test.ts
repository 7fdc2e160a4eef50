import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { openSafetensors } from '../../../main/engine/checkpoint'
import { GraftError } from '../../../main/engine/errors'
import { memorySource } from '../../../main/engine/tensor'
import { fileOf, watched, writtenBytes, f32 } from './files'

const open = (bytes: Uint8Array) => openSafetensors(memorySource('m.safetensors', bytes))
const entry = (shape: string, offsets: string, dtype = '"F32"'): string =>
  `{"dtype":${dtype},"shape":${shape},"data_offsets":${offsets}}`
const eight = new Uint8Array(8)

const faults: [string, Uint8Array, RegExp][] = [
  ['an empty file', new Uint8Array(0), /at least 8 bytes, got 0 bytes/],
  ['a length alone', fileOf(''), /starts with "{"/],
  ['a length beyond the file', fileOf('{}', eight, 1000n), /at most 10 bytes, got a length of 1000/],
  ['a length of 2^64 - 1', fileOf('{}', eight, 2n ** 64n - 1n), /a length of 1844674407370955/],
  ['a Git LFS pointer', new TextEncoder().encode('version https://git-lfs.github.com/spec/v1\n'), /git lfs pull/],
  ['no JSON', fileOf('{"a":}'), /a header in JSON/],
  ['an array', fileOf('[]'), /starts with "{"/],
  ['a leading space', fileOf(' {}'), /starts with "{"/],
  ['text after the object', fileOf('{} x'), /a header in JSON/],
  ['a string without an end', fileOf('{"a'), /a string without an end/],
  ['bytes that are not UTF-8', fileOf(Uint8Array.of(0x7b, 0x22, 0xff, 0x22, 0x7d)), /UTF-8/],
  ['deep nesting', fileOf(`{"a":${'['.repeat(100_000)}`), /levels of brackets/],
  ['deep nesting of objects', fileOf('{"a":'.repeat(100_000)), /levels of brackets/],
  ['a repeated tensor', fileOf(`{"a":${entry('[1]', '[0,4]')},"a":${entry('[1]', '[4,8]')}}`, eight), /"a" twice/],
  ['a tensor repeated through an escape', fileOf('{"a":1,"\\u0061":1}'), /"a" twice/],
  ['a repeated key in an entry', fileOf('{"a":{"dtype":"F32","dtype":"F32"}}'), /"dtype" twice/],
  ['a repeated key in the metadata', fileOf('{"__metadata__":{"k":"1","k":"2"}}'), /"k" twice/],
  ['metadata that are no texts', fileOf('{"__metadata__":{"k":1}}'), /"k" to be a text/],
  ['metadata that are a list', fileOf('{"__metadata__":["k"]}'), /__metadata__ to be an object/],
  ['an entry that is no object', fileOf('{"a":3}'), /"a" to be an object, got 3/],
  ['an entry with its values in __proto__', fileOf(`{"a":{"__proto__":${entry('[]', '[0,4]')}}}`), /known dtype/],
  ['an unknown dtype', fileOf(`{"a":${entry('[1]', '[0,4]', '"F31"')}}`), /known dtype, got "F31"/],
  ['a dtype that every object has', fileOf(`{"a":${entry('[1]', '[0,4]', '"toString"')}}`), /known dtype/],
  ['a dtype that is no text', fileOf(`{"a":${entry('[1]', '[0,4]', '["F32"]')}}`), /known dtype/],
  ['a negative size', fileOf(`{"a":${entry('[-1]', '[0,4]')}}`), /whole numbers, got \[-1\]/],
  ['a fractional size', fileOf(`{"a":${entry('[1.5]', '[0,4]')}}`), /whole numbers/],
  ['a shape that is a number', fileOf(`{"a":${entry('4', '[0,4]')}}`), /whole numbers/],
  ['a size beyond exact integers', fileOf(`{"a":${entry('[1e300]', '[0,4]')}}`), /whole numbers/],
  ['a product that overflows', fileOf(`{"a":${entry('[9007199254740991,9007199254740991]', '[0,4]')}}`), /2\^50/],
  ['a product that overflows to NaN', fileOf(`{"a":${entry(`[${'9e15,'.repeat(40)}0]`, '[0,0]')}}`), /2\^50/],
  ['negative offsets', fileOf(`{"a":${entry('[1]', '[-4,0]')}}`, eight), /two data_offsets/],
  ['three offsets', fileOf(`{"a":${entry('[1]', '[0,4,8]')}}`, eight), /two data_offsets/],
  ['no offsets', fileOf('{"a":{"dtype":"F32","shape":[1]}}'), /two data_offsets, got nothing/],
  ['offsets in reverse', fileOf(`{"a":${entry('[1]', '[8,4]')}}`, eight), /4 bytes.*over -4 bytes/],
  ['a wrong product', fileOf(`{"a":${entry('[3]', '[0,8]')}}`, eight), /12 bytes \(3 elements of F32\).*8 bytes/],
  ['an overlap', fileOf(`{"a":${entry('[1]', '[0,4]')},"b":${entry('[1]', '[2,6]')}}`, eight), /an overlap/],
  ['the same bytes twice', fileOf(`{"a":${entry('[2]', '[0,8]')},"b":${entry('[2]', '[0,8]')}}`, eight), /an overlap/],
  ['a hole at the start', fileOf(`{"a":${entry('[1]', '[4,8]')}}`, eight), /a hole/],
  ['a hole between', fileOf(`{"a":${entry('[]', '[0,1]', '"U8"')},"b":${entry('[1]', '[4,8]')}}`, eight), /a hole/],
  ['bytes behind the last tensor', fileOf(`{"a":${entry('[1]', '[0,4]')}}`, eight), /4 bytes of tensor data.*got 8/],
  ['fewer bytes than described', fileOf(`{"a":${entry('[3]', '[0,12]')}}`, eight), /12 bytes of tensor data.*got 8/],
]

describe('a broken safetensors file', () => {
  it.each(faults)('with %s is refused by name', async (_, bytes, message) => {
    const error = await open(bytes).catch((reason: unknown) => reason)
    expect(error).toBeInstanceOf(GraftError)
    expect(error).toMatchObject({ code: 'checkpoint-header', details: { file: 'm.safetensors' } })
    expect((error as GraftError).message).toMatch(/^m\.safetensors: expected .+, got .+; .+/)
    expect((error as GraftError).message).toMatch(message)
    expect((error as GraftError).message.length).toBeLessThan(500)
  })

  it('costs no memory for a length that it claims', async () => {
    const source = watched(memorySource('m', fileOf('{}', new Uint8Array(64), 99_999_999n)))
    await expect(openSafetensors(source)).rejects.toMatchObject({ code: 'checkpoint-header' })
    expect(source.requests).toEqual([8])
  })

  it('is not read to the end where its header would pass 100 million bytes', async () => {
    const bytes = new Uint8Array(8)
    new DataView(bytes.buffer).setBigUint64(0, 100_000_001n, true)
    const source = watched({ ...memorySource('m', bytes), size: 2 ** 40 })
    await expect(openSafetensors(source)).rejects.toThrow(/at most 100000000 bytes/)
    expect(source.requests).toEqual([8])
  })

  it('truncated anywhere is refused', async () => {
    const whole = await writtenBytes([f32('a', [2, 2], [1, 2, 3, 4]), f32('b', [], [5])])
    for (let length = 0; length < whole.byteLength; length++) {
      await expect(open(whole.slice(0, length))).rejects.toMatchObject({ code: 'checkpoint-header' })
    }
    expect((await open(whole)).names).toEqual(['a', 'b'])
  })

  it('of random bytes, or with random changes, gives tensors or a GraftError, nothing else', async () => {
    const whole = await writtenBytes([f32('a', [2, 2], [1, 2, 3, 4]), f32('b', [], [5])])
    const changes = fc.array(fc.tuple(fc.nat(whole.byteLength - 1), fc.nat(255)), { maxLength: 4 })
    const changed = changes.map((list) => {
      const copy = whole.slice()
      for (const [at, byte] of list) copy[at] = byte
      return copy
    })
    const anything = fc.oneof(
      changed,
      fc.uint8Array({ maxLength: 200 }),
      fc.json().map((text) => fileOf(text, eight)),
    )
    await fc.assert(
      fc.asyncProperty(anything, async (bytes) => {
        const file = await open(bytes).catch((error: unknown) => {
          expect(error).toBeInstanceOf(GraftError)
        })
        for (const name of file?.names ?? []) {
          expect((await file!.readBytes(name)).byteLength).toBeLessThanOrEqual(bytes.byteLength)
        }
      }),
      { numRuns: 1000 },
    )
  })
})

describe('a header that is odd but legal', () => {
  it('may name tensors as an object names its own parts', async () => {
    const names = ['__proto__', 'constructor', 'toString', '7']
    const text = names.map((name, i) => `"${name}":${entry('[]', `[${i},${i + 1}]`, '"U8"')}`).join(',')
    const file = await open(fileOf(`{${text}}`, Uint8Array.of(1, 2, 3, 4)))
    expect(file.names).toEqual(names)
    expect([...(await file.readBytes('__proto__'))]).toEqual([1])
    expect(file.has('valueOf')).toBe(false)
  })

  it('may list tensors in any order, with empty ones between, keys unknown to us, and no metadata', async () => {
    const b = '{"dtype":"F32","shape":[1],"data_offsets":[4,8],"note":{"x":[1]}}'
    const text = `{"b":${b},"none":${entry('[0,3]', '[4,4]')},"a":${entry('[]', '[0,4]')}}   `
    const file = await open(fileOf(text, new Uint8Array(Float32Array.of(1.5, -2).buffer)))
    expect(file.names).toEqual(['a', 'none', 'b'])
    expect(file.metadata).toEqual({})
    expect([...(await file.readFloat32('b'))]).toEqual([-2])
    expect((await file.readFloat32('none')).length).toBe(0)
  })
})
