import { bytesOf, type ByteSource } from '../../tensor'
import { CHUNK_BYTES } from '../read-floats'
import type { GgufTensor } from './header/read-header'

/**
 * Fills `target` with a tensor's elements from element `first` on, which begins a block, as does the end of `target`.
 * Float32 goes straight into the target; other types pass through one chunk, so that no tensor is in memory twice.
 */
export async function readElements(
  source: ByteSource,
  { format, begin }: GgufTensor,
  first: number,
  target: Float32Array,
): Promise<void> {
  const { elements, bytes, decode } = format
  const offset = begin + (first / elements) * bytes
  if (format.name === 'F32') return source.read(offset, bytesOf(target))
  const perChunk = Math.floor(CHUNK_BYTES / bytes) * elements
  const buffer = new ArrayBuffer((Math.min(perChunk, target.length) / elements) * bytes)
  for (let done = 0; done < target.length; done += perChunk) {
    const part = target.subarray(done, done + perChunk)
    await source.read(offset + (done / elements) * bytes, new Uint8Array(buffer, 0, (part.length / elements) * bytes))
    decode(buffer, part)
  }
}
