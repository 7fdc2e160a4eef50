import { GraftError } from '../errors'
import {
  DTYPE_BYTES,
  elementCount,
  isFloatDtype,
  type ByteSource,
  type FloatDtype,
  type FourBitTensor,
} from '../tensor'
import { headerError, parseHeader, type PlacedTensor, type SafetensorsHeader, type TensorInfo } from './header'
import { checkTarget, rowRange } from './ranges'
import { readFloats } from './read-floats'
import { quote } from './strict-json'

/** Named tensors in storage, read one at a time. Every method that takes a name throws `checkpoint-mismatch` for one it lacks. */
export interface TensorFile {
  /** In the order of the data, which is the fastest to read in. */
  readonly names: readonly string[]
  readonly metadata: Readonly<Record<string, string>>
  has(name: string): boolean
  info(name: string): TensorInfo
  /** A float tensor, row-major. A `target` of the right length is filled and returned (else `shape-mismatch`). */
  readFloat32(name: string, target?: Float32Array): Promise<Float32Array>
  /** `count` slices along the first axis, from `first` on: single embeddings without the whole table. */
  readRows(name: string, first: number, count: number, target?: Float32Array): Promise<Float32Array>
  /** The tensor as it is packed in 4 bits, or undefined where the file stores it otherwise. */
  readFourBit?(name: string): Promise<FourBitTensor | undefined>
  /** The bytes as stored, of any type. */
  readBytes(name: string): Promise<Uint8Array>
}

const LENGTH_BYTES = 8
/** The bound that the reference implementation enforces. */
const MAX_HEADER_BYTES = 100_000_000
/** The first 8 bytes of the text file that Git leaves in place of a large file that was not fetched. */
const LFS_POINTER_START = 'version '

async function readHeaderLength(source: ByteSource): Promise<number> {
  if (source.size < LENGTH_BYTES) {
    throw headerError(source.name, `at least ${LENGTH_BYTES} bytes`, `${source.size} bytes`)
  }
  const bytes = new Uint8Array(LENGTH_BYTES)
  await source.read(0, bytes)
  if (new TextDecoder().decode(bytes) === LFS_POINTER_START) {
    throw headerError(source.name, 'tensors', 'a Git LFS pointer (run "git lfs pull" in its folder)')
  }
  const length = Number(new DataView(bytes.buffer).getBigUint64(0, true))
  const limit = Math.min(MAX_HEADER_BYTES, source.size - LENGTH_BYTES)
  if (length <= limit) return length
  throw headerError(source.name, `a header of at most ${limit} bytes`, `a length of ${length}`)
}

async function readHeader(source: ByteSource): Promise<{ header: SafetensorsHeader; dataStart: number }> {
  const length = await readHeaderLength(source)
  const bytes = new Uint8Array(length)
  await source.read(LENGTH_BYTES, bytes)
  const dataStart = LENGTH_BYTES + length
  return { header: parseHeader(source.name, decodeText(source.name, bytes), source.size - dataStart), dataStart }
}

function decodeText(file: string, bytes: Uint8Array): string {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes)
  } catch {
    throw headerError(file, 'a header in UTF-8', 'other bytes')
  }
}

function floatDtype(where: string, tensor: TensorInfo): FloatDtype {
  if (isFloatDtype(tensor.dtype)) return tensor.dtype
  throw new GraftError(
    'checkpoint-mismatch',
    `${where}: expected a floating-point tensor, got ${tensor.dtype}; this checkpoint belongs to another kind of model`,
  )
}

/**
 * Opens a safetensors file: reads and validates its header, no tensor. The source stays in use and is closed by its
 * owner. Throws `checkpoint-header` where the file breaks the format.
 */
export async function openSafetensors(source: ByteSource): Promise<TensorFile> {
  const { header, dataStart } = await readHeader(source)
  const find = (name: string): PlacedTensor => {
    const tensor = header.tensors.get(name)
    if (tensor) return tensor
    const message = `expected a tensor ${quote(name)}, got none of that name; this checkpoint belongs to another model`
    throw new GraftError('checkpoint-mismatch', `${source.name}: ${message}`, { file: source.name, tensor: name })
  }
  const labelOf = (name: string): string => `${source.name}, tensor ${quote(name)}`
  const readRange = async (name: string, first: number, length: number, given?: Float32Array) => {
    const tensor = find(name)
    const dtype = floatDtype(labelOf(name), tensor)
    const target = checkTarget(labelOf(name), given, length)
    await readFloats(source, dtype, dataStart + tensor.begin + first * DTYPE_BYTES[dtype], target)
    return target
  }
  return {
    names: [...header.tensors.keys()],
    metadata: header.metadata,
    has: (name) => header.tensors.has(name),
    info: find,
    readFloat32: async (name, target) => readRange(name, 0, elementCount(find(name).shape), target),
    readRows: async (name, first, count, target) =>
      readRange(name, ...rowRange(labelOf(name), find(name).shape, first, count), target),
    readBytes: async (name) => {
      const { begin, end } = find(name)
      const bytes = new Uint8Array(end - begin)
      await source.read(dataStart + begin, bytes)
      return bytes
    },
  }
}
