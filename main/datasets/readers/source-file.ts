import { basename } from 'node:path'
import { fileByteSource } from '../../files'
import { asBuffer } from './text-pieces'
import type { FileHead } from './row-reader'

/** A file on the disk by its path, or one that came through a form or a drop. */
export type SourceFile =
  | string
  | { readonly name: string; readonly bytes: Uint8Array }
  | { readonly name: string; readonly stream: AsyncIterable<Uint8Array> }

const chunkSize = 1 << 18
/** What formats are told from. */
const headSize = 1 << 18

export function sourceName(file: SourceFile): string {
  return typeof file === 'string' ? basename(file) : basename(file.name.replaceAll('\\', '/'))
}

export interface OpenSource {
  readonly name: string
  /** Bytes in all, 0 where that is not known before the end. */
  readonly size: number
  readonly chunks: AsyncIterable<Uint8Array>
  /** Any range of the file, for formats that are not read from front to end; a stream has none. */
  readonly ranges?: RangeReader
  close(): Promise<void>
}

/** The bytes from `start` to before `end`. */
export type RangeReader = (start: number, end: number) => Promise<Uint8Array<ArrayBuffer>>

/** Throws HostError where there is no such file. */
export async function openSource(file: SourceFile): Promise<OpenSource> {
  const name = sourceName(file)
  if (typeof file !== 'string') {
    const close = () => Promise.resolve()
    if ('stream' in file) return { name, size: 0, chunks: file.stream, close }
    const ranges = rangesOf(file.bytes)
    return { name, size: file.bytes.length, chunks: inChunks(file.bytes.length, ranges), ranges, close }
  }
  const source = await fileByteSource(file)
  const ranges: RangeReader = async (start, end) => {
    const chunk = new Uint8Array(end - start)
    await source.read(start, chunk)
    return chunk
  }
  return { name, size: source.size, chunks: inChunks(source.size, ranges), ranges, close: () => source.close() }
}

export function rangesOf(bytes: Uint8Array): RangeReader {
  return (start, end) => Promise.resolve(new Uint8Array(bytes.subarray(start, end)))
}

async function* inChunks(size: number, read: RangeReader): AsyncGenerator<Uint8Array> {
  for (let start = 0; start < size; start += chunkSize) yield await read(start, Math.min(size, start + chunkSize))
}

/** Takes the head of a stream for a look and gives back the stream with the head still in it. */
export async function peekHead(chunks: AsyncIterable<Uint8Array>) {
  const iterator = chunks[Symbol.asyncIterator]()
  const taken: Uint8Array[] = []
  let length = 0
  let whole = false
  while (length < headSize && !whole) {
    const { done, value } = await iterator.next()
    if (done === true) whole = true
    else length += taken.push(value) && value.length
  }
  const bytes = Buffer.concat(taken)
  const head: FileHead = { text: headText(bytes), whole }
  return { bytes, head, all: follow(bytes, iterator) }
}

/** Ends the stream below when its reader stops early, so that a cancelled upload lets go of its file. */
async function* follow(head: Uint8Array, rest: AsyncIterator<Uint8Array>): AsyncGenerator<Uint8Array> {
  try {
    yield head
    for (let next = await rest.next(); next.done !== true; next = await rest.next()) yield next.value
  } finally {
    await rest.return?.()
  }
}

/** Without a byte order mark, and without a character cut off at the end. */
function headText(bytes: Uint8Array): string {
  return asBuffer(bytes)
    .toString('utf8')
    .replace(/^\ufeff/, '')
    .replace(/\ufffd$/, '')
}
