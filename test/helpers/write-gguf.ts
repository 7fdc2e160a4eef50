/** A GGUF writer for tests, by the description of the format alone. */

const numberTypes = {
  u8: [0, 1, (view: DataView, value: number) => view.setUint8(0, value)],
  i8: [1, 1, (view: DataView, value: number) => view.setInt8(0, value)],
  u16: [2, 2, (view: DataView, value: number) => view.setUint16(0, value, true)],
  i16: [3, 2, (view: DataView, value: number) => view.setInt16(0, value, true)],
  u32: [4, 4, (view: DataView, value: number) => view.setUint32(0, value, true)],
  i32: [5, 4, (view: DataView, value: number) => view.setInt32(0, value, true)],
  f32: [6, 4, (view: DataView, value: number) => view.setFloat32(0, value, true)],
  bool: [7, 1, (view: DataView, value: number) => view.setUint8(0, value)],
  u64: [10, 8, (view: DataView, value: number) => view.setBigUint64(0, BigInt(value), true)],
  i64: [11, 8, (view: DataView, value: number) => view.setBigInt64(0, BigInt(value), true)],
  f64: [12, 8, (view: DataView, value: number) => view.setFloat64(0, value, true)],
} as const
type NumberType = keyof typeof numberTypes

/** A metadata value with its type; a list has items of one type. */
export type Typed =
  | readonly [NumberType, number]
  | readonly ['string', string]
  | readonly ['list', NumberType, readonly number[]]
  | readonly ['list', 'string', readonly string[]]
  | readonly ['lists', readonly (readonly number[])[]]

export interface TensorPart {
  readonly name: string
  /** Row-major, as the models have it. */
  readonly shape: readonly number[]
  readonly type: number
  readonly data: Uint8Array
  /** Instead of where it would come. */
  readonly offset?: number
}

export interface GgufParts {
  readonly version?: number
  readonly metadata?: Readonly<Record<string, Typed>>
  readonly tensors?: readonly TensorPart[]
  readonly alignment?: number
}

export function bytesOfNumber(type: NumberType, value: number): Uint8Array {
  const [, size, set] = numberTypes[type]
  const bytes = new Uint8Array(size)
  set(new DataView(bytes.buffer), value)
  return bytes
}
const u32 = (value: number): Uint8Array => bytesOfNumber('u32', value)
const u64 = (value: number): Uint8Array => bytesOfNumber('u64', value)
export function text(value: string): Uint8Array {
  const bytes = new TextEncoder().encode(value)
  return join([u64(bytes.length), bytes])
}

export function join(parts: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0))
  let at = 0
  for (const part of parts) {
    whole.set(part, at)
    at += part.length
  }
  return whole
}

function valueBytes(value: Typed): Uint8Array {
  if (value[0] === 'string') return join([u32(8), text(value[1])])
  if (value[0] === 'lists')
    return join([
      ...[u32(9), u32(9), u64(value[1].length)],
      ...value[1].flatMap((list) => [u32(5), u64(list.length), ...list.map((item) => bytesOfNumber('i32', item))]),
    ])
  if (value[0] === 'list') {
    const [, type, items] = value
    const body = items.map((item) => (typeof item === 'string' ? text(item) : bytesOfNumber(type as NumberType, item)))
    return join([u32(9), u32(type === 'string' ? 8 : numberTypes[type][0]), u64(items.length), ...body])
  }
  return join([u32(numberTypes[value[0]][0]), bytesOfNumber(value[0], value[1])])
}

const padded = (size: number, alignment: number): number => Math.ceil(size / alignment) * alignment

/** The bytes of a GGUF file. */
export function ggufBytes({ version = 3, metadata = {}, tensors = [], alignment = 32 }: GgufParts): Uint8Array {
  let end = 0
  const infos = tensors.map(({ name, shape, type, data, offset }) => {
    const begin = offset ?? end
    end = padded(begin + data.length, alignment)
    return join([text(name), u32(shape.length), ...shape.toReversed().map(u64), u32(type), u64(begin)])
  })
  const entries = Object.entries(metadata).map(([key, value]) => join([text(key), valueBytes(value)]))
  const start = [new TextEncoder().encode('GGUF'), u32(version), u64(tensors.length), u64(entries.length)]
  const header = join([...start, ...entries, ...infos])
  const data = tensors.map(({ data }) => join([data, new Uint8Array(padded(data.length, alignment) - data.length)]))
  return join([header, new Uint8Array(padded(header.length, alignment) - header.length), ...data])
}
