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

/**
 * Undoes what llama.cpp does to the rows of queries and keys, in place. It rotates neighbouring pairs, so its row
 * (head, i, half) is Hugging Face's row (head, half, i). A bias is a matrix of one column.
 */
export function unpermuteHeads(values: Float32Array, rows: number, heads: number): void {
  const width = values.length / rows
  const half = rows / heads / 2
  const headSize = 2 * half * width
  for (let start = 0; start < values.length; start += headSize) {
    const stored = values.slice(start, start + headSize)
    for (let row = 0; row < 2 * half; row++) {
      const from = 2 * (row % half) + Math.floor(row / half)
      values.set(stored.subarray(from * width, (from + 1) * width), start + row * width)
    }
  }
}
