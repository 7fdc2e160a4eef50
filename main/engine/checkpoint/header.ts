import { GraftError } from '../errors'
import { elementCount, isDtype, tensorBytes, type Dtype } from '../tensor'
import { isJsonObject, parseStrictJson, quote } from './strict-json'

export interface TensorInfo {
  readonly dtype: Dtype
  /** How the file packs it, where that is no plain type: `Q4_1` … */
  readonly storedAs?: string
  readonly shape: readonly number[]
}

/** `begin` and `end` are bytes from the start of the data. */
export interface PlacedTensor extends TensorInfo {
  readonly begin: number
  readonly end: number
}

export interface SafetensorsHeader {
  readonly metadata: Readonly<Record<string, string>>
  /** In the order of the data. */
  readonly tensors: ReadonlyMap<string, PlacedTensor>
}

/** Name → entry → shape makes three levels; the rest is leniency towards keys that later writers may add. */
const MAX_DEPTH = 8

/** What every fault in a header is reported as. */
export function headerError(file: string, expected: string, got: string): GraftError {
  return new GraftError(
    'checkpoint-header',
    `${file}: expected ${expected}, got ${got}; the file is damaged or no safetensors file, get it again`,
    { file },
  )
}

function parseMetadata(file: string, value: unknown): Record<string, string> {
  if (value === undefined) return {}
  if (!isJsonObject(value)) throw headerError(file, '__metadata__ to be an object', quote(value))
  for (const [key, text] of Object.entries(value)) {
    if (typeof text !== 'string') throw headerError(file, `__metadata__ ${quote(key)} to be a text`, quote(text))
  }
  return value as Record<string, string>
}

function isSizeList(value: unknown): value is number[] {
  return Array.isArray(value) && value.every((item) => Number.isSafeInteger(item) && item >= 0)
}

function parseEntry(file: string, name: string, value: unknown): PlacedTensor {
  const where = `tensor ${quote(name)}`
  if (!isJsonObject(value)) throw headerError(file, `${where} to be an object`, quote(value))
  const { dtype, shape, data_offsets: offsets } = value
  if (typeof dtype !== 'string' || !isDtype(dtype)) throw headerError(file, `${where} with a known dtype`, quote(dtype))
  if (!isSizeList(shape)) throw headerError(file, `${where} with a shape of whole numbers`, quote(shape))
  if (!isSizeList(offsets) || offsets.length !== 2) {
    throw headerError(file, `${where} with two data_offsets`, quote(offsets))
  }
  const [begin = 0, end = 0] = offsets
  checkSize(file, where, { dtype, shape, begin, end })
  return { dtype, shape, begin, end }
}

function checkSize(file: string, where: string, tensor: PlacedTensor): void {
  const held = tensor.end - tensor.begin
  if (!Number.isSafeInteger(tensor.shape.reduce((product, size) => product * size, 8))) {
    throw headerError(file, `${where} with fewer than 2^50 elements`, `shape ${quote(tensor.shape)}`)
  }
  const needed = tensorBytes(tensor.dtype, tensor.shape)
  if (held !== needed) {
    const what = `${elementCount(tensor.shape)} elements of ${tensor.dtype}`
    throw headerError(file, `${where} to hold ${needed} bytes (${what})`, `data_offsets over ${held} bytes`)
  }
}

/** Every byte of the data belongs to exactly one tensor: no overlap, no hole, nothing behind. */
function checkTiling(file: string, ordered: readonly (readonly [string, PlacedTensor])[], dataBytes: number): void {
  let covered = 0
  for (const [name, { begin, end }] of ordered) {
    if (begin !== covered) {
      const fault = begin < covered ? 'an overlap' : 'a hole'
      throw headerError(file, `tensor ${quote(name)} to begin at byte ${covered}`, `${begin} (${fault})`)
    }
    covered = end
  }
  if (covered !== dataBytes) {
    throw headerError(file, `${covered} bytes of tensor data as the header says`, `${dataBytes} bytes`)
  }
}

function parseJson(file: string, text: string): unknown {
  if (!text.startsWith('{')) throw headerError(file, 'a header that starts with "{"', quote(text.slice(0, 20)))
  try {
    return parseStrictJson(text, MAX_DEPTH)
  } catch (error) {
    throw headerError(file, 'a header in JSON', error instanceof Error ? error.message : String(error))
  }
}

/**
 * Parses and validates the JSON header of a safetensors file with `dataBytes` bytes behind it.
 * Throws `checkpoint-header` for whatever the format forbids. Source: the "Format" section of safetensors' README.
 */
export function parseHeader(file: string, text: string, dataBytes: number): SafetensorsHeader {
  const json = parseJson(file, text)
  if (!isJsonObject(json)) throw headerError(file, 'a header that is an object', quote(json))
  const tensors = Object.entries(json)
    .filter(([name]) => name !== '__metadata__')
    .map(([name, entry]) => [name, parseEntry(file, name, entry)] as const)
    .sort(([, a], [, b]) => a.begin - b.begin || a.end - b.end)
  checkTiling(file, tensors, dataBytes)
  return { metadata: parseMetadata(file, json['__metadata__']), tensors: new Map(tensors) }
}
