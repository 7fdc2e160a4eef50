import type { ByteWriter } from './byte-writer'

/** A metadata value with the type that it is written as. */
export type GgufTyped =
  | { readonly type: 'u32' | 'i32' | 'f32'; readonly value: number }
  | { readonly type: 'flag'; readonly value: boolean }
  | { readonly type: 'text'; readonly value: string }
  | { readonly type: 'texts'; readonly value: readonly string[] }
  | { readonly type: 'flags'; readonly value: readonly boolean[] }
  | { readonly type: 'i32s'; readonly value: Int32Array }
  | { readonly type: 'f32s'; readonly value: Float32Array }
  /** Type and value as another file has them, byte for byte. */
  | { readonly type: 'stored'; readonly value: Uint8Array }

/** What the file says, in the order in which it says it. */
export type GgufEntries = ReadonlyMap<string, GgufTyped>

export const u32 = (value: number): GgufTyped => ({ type: 'u32', value })
export const f32 = (value: number): GgufTyped => ({ type: 'f32', value })
export const flag = (value: boolean): GgufTyped => ({ type: 'flag', value })
export const text = (value: string): GgufTyped => ({ type: 'text', value })
export const texts = (value: readonly string[]): GgufTyped => ({ type: 'texts', value })
export const flags = (value: readonly boolean[]): GgufTyped => ({ type: 'flags', value })
export const i32s = (value: Int32Array): GgufTyped => ({ type: 'i32s', value })
export const f32s = (value: Float32Array): GgufTyped => ({ type: 'f32s', value })
export const stored = (value: Uint8Array): GgufTyped => ({ type: 'stored', value })

type Value<T extends GgufTyped['type']> = Extract<GgufTyped, { readonly type: T }>['value']

/** GGUFValueType in gguf's constants.py. */
const codes = { u32: 4, i32: 5, f32: 6, flag: 7, text: 8, list: 9 } as const

const numbers = (
  w: ByteWriter,
  code: number,
  { buffer, byteOffset, byteLength, length }: Int32Array | Float32Array,
) => {
  w.u32(codes.list)
  w.u32(code)
  w.u64(length)
  // Typed arrays are little-endian, as every machine this runs on is.
  w.bytes(new Uint8Array(buffer, byteOffset, byteLength))
}

/** Type and value. */
const writers: { readonly [T in GgufTyped['type']]: (w: ByteWriter, value: Value<T>) => void } = {
  u32(w, value) {
    w.u32(codes.u32)
    w.u32(value)
  },
  i32(w, value) {
    w.u32(codes.i32)
    w.u32(value >>> 0)
  },
  f32(w, value) {
    w.u32(codes.f32)
    w.f32(value)
  },
  flag(w, value) {
    w.u32(codes.flag)
    w.bytes(Uint8Array.of(Number(value)))
  },
  text(w, value) {
    w.u32(codes.text)
    w.text(value)
  },
  texts(w, value) {
    w.u32(codes.list)
    w.u32(codes.text)
    w.u64(value.length)
    for (const item of value) w.text(item)
  },
  flags(w, value) {
    w.u32(codes.list)
    w.u32(codes.flag)
    w.u64(value.length)
    w.bytes(Uint8Array.from(value, Number))
  },
  i32s: (w, value) => numbers(w, codes.i32, value),
  f32s: (w, value) => numbers(w, codes.f32, value),
  stored: (w, value) => w.bytes(value),
}

export function writeEntry(w: ByteWriter, key: string, entry: GgufTyped): void {
  w.text(key)
  const write = writers[entry.type] as (w: ByteWriter, value: GgufTyped['value']) => void
  write(w, entry.value)
}
