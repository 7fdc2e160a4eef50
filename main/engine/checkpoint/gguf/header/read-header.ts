import { GraftError } from '../../../errors'
import type { ByteSource } from '../../../tensor'
import { quote } from '../../strict-json'
import { findFormat, type BlockFormat } from '../blocks/formats'
import { createHeaderCursor, ggufError, type HeaderCursor } from './header-cursor'
import { readCount, readName, readU32, readU64, readValue, type GgufValue } from './metadata-values'

/** What the file says of its model, by key. */
export type GgufMetadata = ReadonlyMap<string, GgufValue>

/** Bytes from the start of the file. */
export interface GgufPlace {
  readonly begin: number
  readonly end: number
}

export interface GgufTensor extends GgufPlace {
  readonly format: BlockFormat
  /** Row-major, as everywhere else: the file itself writes the fastest dimension first. */
  readonly shape: readonly number[]
}

export interface GgufHeader {
  readonly metadata: GgufMetadata
  /** Where the type and the value of each key lie, for whoever copies them. */
  readonly places: ReadonlyMap<string, GgufPlace>
  /** By the file's own names, in the order of the data. */
  readonly tensors: ReadonlyMap<string, GgufTensor>
}

/** "GGUF", as a little-endian number. */
const MAGIC = 0x46554747
/** Version 3 only added files for big-endian machines; version 1 counted in 32 bits and is extinct. */
const VERSIONS = [2, 3]
/** Vocabulary, merges and templates of the largest models take a tenth of this. */
const MAX_HEADER_BYTES = 128 * 1024 * 1024
const MAX_DIMENSIONS = 4
const DEFAULT_ALIGNMENT = 32
/** The length of a key, a type, a byte; the length of a name, the number of dimensions, one of them, a type, an offset. */
const MIN_ENTRY_BYTES = 13
const MIN_TENSOR_BYTES = 32

async function readMetadata(cursor: HeaderCursor, count: number): Promise<Pick<GgufHeader, 'metadata' | 'places'>> {
  const metadata = new Map<string, GgufValue>()
  const places = new Map<string, GgufPlace>()
  for (let i = 0; i < count; i++) {
    const key = await readName(cursor, `the key of metadata entry ${i + 1}`)
    if (metadata.has(key)) throw ggufError(cursor.file, 'each metadata key once', `${quote(key)} twice`)
    const begin = cursor.position()
    metadata.set(key, await readValue(cursor, await readU32(cursor, `the type of ${quote(key)}`), key))
    places.set(key, { begin, end: cursor.position() })
  }
  return { metadata, places }
}

/** Where tensors begin is always a multiple of this many bytes. */
function alignmentOf(file: string, metadata: GgufMetadata): number {
  const value = metadata.get('general.alignment') ?? DEFAULT_ALIGNMENT
  if (typeof value === 'number' && value >= 1 && Number.isInteger(Math.log2(value))) return value
  throw ggufError(file, 'general.alignment to be a power of two', quote(value))
}

interface DescribedTensor {
  readonly name: string
  readonly format: BlockFormat
  readonly shape: readonly number[]
  /** From the start of the data. */
  readonly offset: number
}

async function readShape(cursor: HeaderCursor, where: string): Promise<number[]> {
  const dimensions = await readU32(cursor, `the dimensions of ${where}`)
  if (dimensions < 1 || dimensions > MAX_DIMENSIONS)
    throw ggufError(cursor.file, `${where} with 1 to ${MAX_DIMENSIONS} dimensions`, `${dimensions}`)
  const sizes: number[] = []
  for (let i = 0; i < dimensions; i++) sizes.push(await readU64(cursor, `the dimensions of ${where}`))
  // Eight bytes an element is more than any type takes, so no later product can leave the exact integers.
  const bytes = sizes.reduce((product, size) => product * size, 8)
  if (sizes.every((size) => size > 0) && Number.isSafeInteger(bytes)) return sizes.reverse()
  throw ggufError(cursor.file, `${where} with sizes from 1 to 2^50 elements`, `[${sizes.join(', ')}]`)
}

async function readTensor(cursor: HeaderCursor, index: number): Promise<DescribedTensor> {
  const name = await readName(cursor, `the name of tensor ${index + 1}`)
  const where = `tensor ${quote(name)}`
  const shape = await readShape(cursor, where)
  const format = findFormat(cursor.file, name, await readU32(cursor, `the type of ${where}`))
  const row = shape.at(-1) ?? 1
  if (row % format.elements !== 0)
    throw ggufError(cursor.file, `${where} of ${format.name} with rows of a multiple of ${format.elements}`, `${row}`)
  return { name, format, shape, offset: await readU64(cursor, `the offset of ${where}`) }
}

function place(file: string, size: number, dataStart: number, alignment: number, tensor: DescribedTensor): GgufTensor {
  const { name, format, shape, offset } = tensor
  const where = `tensor ${quote(name)}`
  if (offset % alignment !== 0)
    throw ggufError(file, `${where} to begin at a multiple of ${alignment}`, `the offset ${offset}`)
  const blocks = shape.reduce((product, size) => product * size, 1) / format.elements
  const begin = dataStart + offset
  const end = begin + blocks * format.bytes
  if (end <= size) return { format, shape, begin, end }
  throw ggufError(file, `${where} to end within the file's ${size} bytes`, `its end at ${end}`)
}

/** No byte belongs to two tensors. Padding between them is legal, and so is a hole. */
function inDataOrder(file: string, placed: readonly (readonly [string, GgufTensor])[]): Map<string, GgufTensor> {
  const ordered = placed.toSorted(([, a], [, b]) => a.begin - b.begin || a.end - b.end)
  const tensors = new Map<string, GgufTensor>()
  let covered = 0
  for (const [name, tensor] of ordered) {
    const where = `tensor ${quote(name)}`
    if (tensors.has(name)) throw ggufError(file, 'each tensor name once', `${quote(name)} twice`)
    if (tensor.begin < covered) throw ggufError(file, `${where} behind the one before it`, 'an overlap')
    tensors.set(name, tensor)
    covered = tensor.end
  }
  return tensors
}

async function checkStart(cursor: HeaderCursor): Promise<void> {
  const magic = await readU32(cursor, 'a GGUF header')
  if (magic !== MAGIC) throw ggufError(cursor.file, 'a file that starts with "GGUF"', 'another start')
  const version = await readU32(cursor, 'a GGUF header')
  if (VERSIONS.includes(version)) return
  const got = VERSIONS.some((known) => version === known << 24) ? 'a big-endian file' : `version ${version}`
  throw ggufError(cursor.file, `GGUF version ${VERSIONS.join(' or ')}`, got)
}

/**
 * Reads and validates the header of a GGUF file, window by window; no tensor is read.
 * @throws GraftError 'checkpoint-header' for whatever the format forbids, 'unsupported' for a tensor type that is known
 * but not computed. Source: gguf's constants.py and gguf_writer.py.
 */
export async function readGgufHeader(source: ByteSource, kind: GgufKind = 'model'): Promise<GgufHeader> {
  const cursor = createHeaderCursor(source, MAX_HEADER_BYTES)
  await checkStart(cursor)
  const tensorCount = await readCount(cursor, MIN_TENSOR_BYTES, 'tensors')
  const { metadata, places } = await readMetadata(cursor, await readCount(cursor, MIN_ENTRY_BYTES, 'metadata entries'))
  refuseOther(source.name, metadata, kind)
  const described: DescribedTensor[] = []
  for (let i = 0; i < tensorCount; i++) described.push(await readTensor(cursor, i))
  const alignment = alignmentOf(source.name, metadata)
  const dataStart = Math.ceil(cursor.position() / alignment) * alignment
  const placed = described.map(
    (tensor) => [tensor.name, place(source.name, source.size, dataStart, alignment, tensor)] as const,
  )
  return { metadata, places, tensors: inDataOrder(source.name, placed) }
}

/** What a file of this format may hold, by its `general.type`. */
export type GgufKind = 'model' | 'adapter'

const wanted: Readonly<Record<GgufKind, readonly [what: string, advice: string]>> = {
  model: ['a whole model', 'choose the base model itself'],
  adapter: ['an adapter', 'choose the file of the adapter'],
}

/** Files of the same format that are something else are told from damaged ones. */
function refuseOther(file: string, metadata: GgufMetadata, kind: GgufKind): void {
  const type = metadata.get('general.type') ?? 'model'
  const parts = metadata.get('split.count') ?? 1
  if (type === kind && Number(parts) <= 1) return
  const [what, choose] = wanted[kind]
  const [got, advice] =
    type === kind
      ? [`one of ${String(parts)} parts`, 'join them with "llama-gguf-split --merge"']
      : [`a GGUF file of type ${quote(type)}`, choose]
  throw new GraftError('unsupported', `${file}: expected ${what}, got ${got}; ${advice}`, { file })
}
