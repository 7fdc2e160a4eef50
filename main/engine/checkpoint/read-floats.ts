import { bytesOf, decodeFloats, DTYPE_BYTES, type ByteSource, type FloatDtype } from '../tensor'

/** How much of a tensor is ever held in its stored form beside the float32 that it becomes. */
export const CHUNK_BYTES = 4 * 1024 * 1024

/**
 * Fills `target` with the elements of `dtype` that start at byte `offset`. Float32 goes straight into the target;
 * other types pass through one chunk of at most CHUNK_BYTES, so that no tensor is in memory twice.
 */
export async function readFloats(
  source: ByteSource,
  dtype: FloatDtype,
  offset: number,
  target: Float32Array,
): Promise<void> {
  if (dtype === 'F32') return source.read(offset, bytesOf(target))
  const size = DTYPE_BYTES[dtype]
  const perChunk = CHUNK_BYTES / size
  const buffer = new ArrayBuffer(Math.min(CHUNK_BYTES, target.length * size))
  for (let first = 0; first < target.length; first += perChunk) {
    const part = target.subarray(first, first + perChunk)
    await source.read(offset + first * size, new Uint8Array(buffer, 0, part.length * size))
    decodeFloats(dtype, buffer, part)
  }
}
