import { quote } from '../../strict-json'
import { ggufError, type HeaderCursor } from './header-cursor'

type Numbers =
  Uint8Array | Int8Array | Uint16Array | Int16Array | Uint32Array | Int32Array | Float32Array | Float64Array

/** A metadata value. 64-bit integers are numbers too, rounded beyond 2^53; a list of numbers is a typed array. */
export type GgufValue = number | boolean | string | Numbers | readonly GgufValue[]

interface NumberType {
  readonly bytes: number
  read(view: DataView): number
  /** All of a list at once. The bytes are little-endian, as every machine this runs on is. */
  list(bytes: ArrayBuffer): Numbers
}

const fromBig = (values: BigUint64Array | BigInt64Array): Float64Array =>
  Float64Array.from({ length: values.length }, (_, i) => Number(values[i]))

/** By the type's number in the file. Source: GGUFValueType in gguf's constants.py. */
const numberTypes: Readonly<Record<number, NumberType>> = {
  0: { bytes: 1, read: (view) => view.getUint8(0), list: (bytes) => new Uint8Array(bytes) },
  1: { bytes: 1, read: (view) => view.getInt8(0), list: (bytes) => new Int8Array(bytes) },
  2: { bytes: 2, read: (view) => view.getUint16(0, true), list: (bytes) => new Uint16Array(bytes) },
  3: { bytes: 2, read: (view) => view.getInt16(0, true), list: (bytes) => new Int16Array(bytes) },
  4: { bytes: 4, read: (view) => view.getUint32(0, true), list: (bytes) => new Uint32Array(bytes) },
  5: { bytes: 4, read: (view) => view.getInt32(0, true), list: (bytes) => new Int32Array(bytes) },
  6: { bytes: 4, read: (view) => view.getFloat32(0, true), list: (bytes) => new Float32Array(bytes) },
  10: { bytes: 8, read: (v) => Number(v.getBigUint64(0, true)), list: (b) => fromBig(new BigUint64Array(b)) },
  11: { bytes: 8, read: (v) => Number(v.getBigInt64(0, true)), list: (b) => fromBig(new BigInt64Array(b)) },
  12: { bytes: 8, read: (view) => view.getFloat64(0, true), list: (bytes) => new Float64Array(bytes) },
}
const BOOL = 7
const STRING = 8
const LIST = 9
/** Lists of lists are legal; nobody writes more than one level of them. */
const MAX_LIST_DEPTH = 4
/** The shortest things a list may hold: a text is its length at least, a list its type and its count. */
const MIN_ITEM_BYTES: Readonly<Record<number, number>> = { [BOOL]: 1, [STRING]: 8, [LIST]: 12 }

const lenient = new TextDecoder('utf-8', { ignoreBOM: true })
const strict = new TextDecoder('utf-8', { ignoreBOM: true, fatal: true })

export async function readU32(cursor: HeaderCursor, what: string): Promise<number> {
  return (await cursor.take(4, what)).getUint32(0, true)
}

/** A 64-bit size; beyond 2^53 it is rounded, which is more than any file holds. */
export async function readU64(cursor: HeaderCursor, what: string): Promise<number> {
  return Number((await cursor.take(8, what)).getBigUint64(0, true))
}

/** How many things follow, each of at least `minBytes`: checked before any memory is taken for them. */
export async function readCount(cursor: HeaderCursor, minBytes: number, what: string): Promise<number> {
  const count = await readU64(cursor, `the number of ${what}`)
  const most = Math.floor(cursor.remaining() / minBytes)
  if (count <= most) return count
  throw ggufError(cursor.file, `at most ${most} ${what} in the rest of the header`, `${count}`)
}

/** A text that other things are found by; it must be UTF-8. */
export async function readName(cursor: HeaderCursor, what: string): Promise<string> {
  const view = await cursor.take(await readU64(cursor, `the length of ${what}`), what)
  try {
    return strict.decode(view)
  } catch {
    throw ggufError(cursor.file, `${what} in UTF-8`, 'other bytes')
  }
}

/** A text that is only shown or compared: a vocabulary may hold a token that is no whole character. */
async function readText(cursor: HeaderCursor, what: string): Promise<string> {
  return lenient.decode(await cursor.take(await readU64(cursor, `the length of ${what}`), what))
}

async function readBoolean(cursor: HeaderCursor, what: string): Promise<boolean> {
  const value = (await cursor.take(1, what)).getUint8(0)
  if (value > 1) throw ggufError(cursor.file, `${what} to be 0 or 1`, `${value}`)
  return value === 1
}

async function readList(cursor: HeaderCursor, what: string, depth: number): Promise<GgufValue> {
  if (depth >= MAX_LIST_DEPTH) throw ggufError(cursor.file, `${what} with at most ${MAX_LIST_DEPTH} levels`, 'more')
  const type = await readU32(cursor, what)
  const numbers = numberTypes[type]
  const itemBytes = numbers?.bytes ?? MIN_ITEM_BYTES[type]
  if (itemBytes === undefined) throw ggufError(cursor.file, `${what} of a known type`, `type ${type}`)
  const count = await readCount(cursor, itemBytes, `items of ${what}`)
  if (numbers) {
    const { buffer, byteOffset, byteLength } = await cursor.take(count * itemBytes, what)
    return numbers.list((buffer as ArrayBuffer).slice(byteOffset, byteOffset + byteLength))
  }
  const items: GgufValue[] = []
  for (let i = 0; i < count; i++) items.push(await readValue(cursor, type, what, depth + 1))
  return items
}

/**
 * The value of a metadata entry of the given type.
 * @throws GraftError 'checkpoint-header' where the type is unknown or the value is longer than the file
 */
export async function readValue(cursor: HeaderCursor, type: number, key: string, depth = 0): Promise<GgufValue> {
  const what = depth === 0 ? `the value of ${quote(key)}` : key
  const number = numberTypes[type]
  if (number) return number.read(await cursor.take(number.bytes, what))
  if (type === STRING) return readText(cursor, what)
  if (type === BOOL) return readBoolean(cursor, what)
  if (type === LIST) return readList(cursor, what, depth)
  throw ggufError(cursor.file, `${what} of a known type`, `type ${type}`)
}
