import { GraftError } from '../errors'
import {
  DTYPE_BYTES,
  elementCount,
  encodeFloats,
  isWritableFloatDtype,
  tensorBytes,
  type ByteSink,
  type WritableFloatDtype,
} from '../tensor'
import type { TensorInfo } from './header'
import { CHUNK_BYTES } from './read-floats'
import { quote } from './strict-json'

/** Values to be written in the tensor's dtype, or bytes that already are. */
export type TensorData = Float32Array | Uint8Array

/** Data may come from a function, called when its turn comes, so that only one tensor need be in memory. */
export interface TensorToWrite extends TensorInfo {
  readonly name: string
  readonly data: TensorData | (() => TensorData | Promise<TensorData>)
}

/** Some loaders refuse a file that does not say which framework its tensors are for. */
const DEFAULT_METADATA = { format: 'pt' } as const

/** Wide elements first, so that every tensor begins at a multiple of its element size. */
function inFileOrder(tensors: Iterable<TensorToWrite>): TensorToWrite[] {
  return [...tensors].sort(
    (a, b) => DTYPE_BYTES[b.dtype] - DTYPE_BYTES[a.dtype] || (a.name < b.name ? -1 : a.name > b.name ? 1 : 0),
  )
}

function checkNames(tensors: readonly TensorToWrite[]): void {
  const seen = new Set(['__metadata__'])
  for (const { name } of tensors) {
    if (seen.has(name)) {
      const message = `safetensors file: expected distinct tensor names, got ${quote(name)} again or reserved; rename it`
      throw new GraftError('invalid-argument', message, { tensor: name })
    }
    seen.add(name)
  }
}

/** The length and the JSON header, padded with spaces so that the data begins at a multiple of 8. */
function encodeHeader(tensors: readonly TensorToWrite[], metadata: Readonly<Record<string, string>>): Uint8Array {
  let end = 0
  const entries = tensors.map(({ name, dtype, shape }) => {
    const begin = end
    end += tensorBytes(dtype, shape)
    return `${JSON.stringify(name)}:${JSON.stringify({ dtype, shape, data_offsets: [begin, end] })}`
  })
  const text = `{${[`"__metadata__":${JSON.stringify(metadata)}`, ...entries].join(',')}}`
  const json = new TextEncoder().encode(text)
  const length = Math.ceil(json.byteLength / 8) * 8
  const header = new Uint8Array(8 + length).fill(0x20)
  new DataView(header.buffer).setBigUint64(0, BigInt(length), true)
  header.set(json, 8)
  return header
}

function lengthError(tensor: TensorToWrite, expected: string, got: number): GraftError {
  return new GraftError(
    'shape-mismatch',
    `tensor ${quote(tensor.name)}: expected ${expected} for the shape [${tensor.shape.join(', ')}], got ${got}; check it`,
    { tensor: tensor.name },
  )
}

async function writeFloats(sink: ByteSink, dtype: WritableFloatDtype, values: Float32Array): Promise<void> {
  const size = DTYPE_BYTES[dtype]
  const perChunk = CHUNK_BYTES / size
  const buffer = new ArrayBuffer(Math.min(CHUNK_BYTES, values.length * size))
  for (let first = 0; first < values.length; first += perChunk) {
    const part = values.subarray(first, first + perChunk)
    encodeFloats(dtype, part, buffer)
    await sink.write(new Uint8Array(buffer, 0, part.length * size))
  }
}

async function writeTensor(sink: ByteSink, tensor: TensorToWrite): Promise<void> {
  const data = typeof tensor.data === 'function' ? await tensor.data() : tensor.data
  if (data instanceof Uint8Array) {
    const bytes = tensorBytes(tensor.dtype, tensor.shape)
    if (data.byteLength !== bytes) throw lengthError(tensor, `${bytes} bytes`, data.byteLength)
    return sink.write(data)
  }
  const elements = elementCount(tensor.shape)
  if (data.length !== elements) throw lengthError(tensor, `${elements} elements`, data.length)
  if (isWritableFloatDtype(tensor.dtype)) return writeFloats(sink, tensor.dtype, data)
  throw new GraftError(
    'invalid-argument',
    `tensor ${quote(tensor.name)}: expected F32, F16 or BF16 for float data, got ${tensor.dtype}; pass its bytes`,
    { tensor: tensor.name },
  )
}

/**
 * Writes a safetensors file. Floats are rounded to nearest even, chunk by chunk; lazy data is asked for once, in file
 * order. A chunk handed to the sink is reused after its `write` resolves.
 * Throws `invalid-argument` for repeated names, `shape-mismatch` for data of another size than the shape says.
 */
export async function writeSafetensors(
  sink: ByteSink,
  tensors: Iterable<TensorToWrite>,
  metadata: Readonly<Record<string, string>> = DEFAULT_METADATA,
): Promise<void> {
  const ordered = inFileOrder(tensors)
  checkNames(ordered)
  await sink.write(encodeHeader(ordered, metadata))
  for (const tensor of ordered) await writeTensor(sink, tensor)
}
