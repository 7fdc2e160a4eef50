import { GraftError } from '../../../errors'
import { elementCount, type ByteSink } from '../../../tensor'
import { CHUNK_BYTES } from '../../read-floats'
import { quote } from '../../strict-json'
import { writableFormat, type GgufTensorType, type WritableFormat } from '../blocks/formats'
import { createByteWriter, type ByteWriter } from './byte-writer'
import { writeEntry, type GgufEntries } from './metadata'

/** A tensor as the file is to have it: its own name, layout and type. */
export interface GgufTensorToWrite {
  readonly name: string
  /** Row-major, as everywhere else. */
  readonly shape: readonly number[]
  readonly type: GgufTensorType
  /** Asked for when its turn comes, so that only one tensor is in memory. */
  data(): Float32Array | Promise<Float32Array>
}

const MAGIC = 0x46554747
const VERSION = 3
/** What readers assume where `general.alignment` says nothing. */
const ALIGNMENT = 32

/** @throws GraftError 'invalid-argument' where rows do not divide into the type's blocks */
function formatOf({ name, shape, type }: GgufTensorToWrite): WritableFormat {
  const format = writableFormat(type)
  const row = shape.at(-1) ?? 1
  if (row % format.elements === 0) return format
  const message = `GGUF file: tensor ${quote(name)}: expected rows of a multiple of ${format.elements} for ${type}, got ${row}; choose another type`
  throw new GraftError('invalid-argument', message, { tensor: name, type })
}

const bytesOf = (tensor: GgufTensorToWrite, { elements, bytes }: WritableFormat): number =>
  (elementCount(tensor.shape) / elements) * bytes

function writeInfo(w: ByteWriter, { name, shape }: GgufTensorToWrite, type: number, offset: number): void {
  w.text(name)
  w.u32(shape.length)
  for (const size of shape.toReversed()) w.u64(size)
  w.u32(type)
  w.u64(offset)
}

/** Everything before the data, which begins at its end. */
function encodeHeader(entries: GgufEntries, tensors: readonly GgufTensorToWrite[]): Uint8Array {
  const w = createByteWriter()
  w.u32(MAGIC)
  w.u32(VERSION)
  w.u64(tensors.length)
  w.u64(entries.size)
  for (const [key, entry] of entries) writeEntry(w, key, entry)
  let offset = 0
  for (const tensor of tensors) {
    const format = formatOf(tensor)
    writeInfo(w, tensor, format.type, offset)
    offset += Math.ceil(bytesOf(tensor, format) / ALIGNMENT) * ALIGNMENT
  }
  w.pad(ALIGNMENT)
  return w.finish()
}

async function writeData(sink: ByteSink, tensor: GgufTensorToWrite): Promise<void> {
  const format = formatOf(tensor)
  const [values, expected] = [await tensor.data(), elementCount(tensor.shape)]
  if (values.length !== expected) {
    const message = `GGUF file: tensor ${quote(tensor.name)}: expected ${expected} elements, got ${values.length}; check it`
    throw new GraftError('shape-mismatch', message, { tensor: tensor.name })
  }
  const { elements, bytes, encode } = format
  const perChunk = Math.floor(CHUNK_BYTES / bytes) * elements
  const buffer = new ArrayBuffer((Math.min(perChunk, values.length) / elements) * bytes)
  for (let first = 0; first < values.length; first += perChunk) {
    const part = values.subarray(first, first + perChunk)
    encode(part, buffer)
    await sink.write(new Uint8Array(buffer, 0, (part.length / elements) * bytes))
  }
  const rest = -bytesOf(tensor, format) & (ALIGNMENT - 1)
  if (rest > 0) await sink.write(new Uint8Array(rest))
}

/**
 * Writes a GGUF file, version 3. Values are rounded or quantised chunk by chunk; a chunk handed to the sink is reused
 * after its `write` resolves.
 * @throws GraftError 'invalid-argument' for rows that do not divide into blocks, before anything is written;
 * 'shape-mismatch' for data of another size than the shape says. Source: gguf's gguf_writer.py.
 */
export async function writeGguf(
  sink: ByteSink,
  entries: GgufEntries,
  tensors: readonly GgufTensorToWrite[],
): Promise<void> {
  await sink.write(encodeHeader(entries, tensors))
  for (const tensor of tensors) await writeData(sink, tensor)
}
