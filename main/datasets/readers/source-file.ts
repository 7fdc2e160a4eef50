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
  /** Bytes in all, 0 where that is not known before the end. */
  readonly size: number
  readonly chunks: AsyncIterable<Uint8Array>
  close(): Promise<void>
}

/** Throws HostError where there is no such file. */
export async function openSource(file: SourceFile): Promise<OpenSource> {
  const nothingToClose = () => Promise.resolve()
  if (typeof file !== 'string' && 'stream' in file) return { size: 0, chunks: file.stream, close: nothingToClose }
  if (typeof file !== 'string') return { size: file.bytes.length, chunks: slices(file.bytes), close: nothingToClose }
  const source = await fileByteSource(file)
  const read = async (start: number, end: number) => {
    const chunk = new Uint8Array(end - start)
    await source.read(start, chunk)
    return chunk
  }
  return { size: source.size, chunks: ranges(source.size, read), close: () => source.close() }
}

function slices(bytes: Uint8Array): AsyncIterable<Uint8Array> {
  return ranges(bytes.length, (start, end) => Promise.resolve(bytes.subarray(start, end)))
}

async function* ranges(size: number, read: (start: number, end: number) => Promise<Uint8Array>) {
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
