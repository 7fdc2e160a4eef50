import { decodeChunks } from './encoding/decode-chunks'
import { detectEncoding, namedEncoding, type DetectedEncoding } from './encoding/detect-encoding'
import { gunzipChunks } from './gunzip-chunks'
import type { ReadRequest, RowReader, RowSink } from './row-reader'
import { sniffContainer, sniffFormat, sniffLineBreak, type SourceFormat, type TextFormat } from './sniff-format'
import { peekHead, rangesOf, type OpenSource } from './source-file'
import { hasParagraphs, documentReader } from './text/text-rows'
import { pieceSplitter } from './text-pieces'
import { readers } from './text-readers'

/** What the reading of a file tells besides its rows. */
export interface SourceFacts {
  readonly format: SourceFormat
  readonly bytes: number
  /** Absent for formats that hold no plain text. */
  readonly encoding?: string
  /** Of a workbook: which sheet was read, of which. */
  readonly sheet?: string
  readonly sheets?: readonly string[]
  readonly notes: readonly string[]
}

/** Their libraries are loaded with the first file that needs them: every start of the app would wait for them otherwise. */
const tableReaders = {
  parquet: async () => (await import('./tables/parquet-rows')).parquetRows,
  zip: async () => (await import('./tables/xlsx-rows')).xlsxRows,
} as const

/**
 * Reads a file of any format that is known, compressed or not, from front to end.
 * Throws GraftError `unsupported` for others, HostError `file-damaged` for a damaged container.
 */
export async function readSource(source: OpenSource, request: ReadRequest): Promise<SourceFacts> {
  const counted = { bytes: 0 }
  const raw = await peekHead(counting(source.chunks, counted))
  const container = sniffContainer(raw.bytes)
  if (container === 'parquet' || container === 'zip') {
    const rows = await tableReaders[container]()
    const table = source.ranges
      ? { name: source.name, size: source.size, ranges: source.ranges }
      : await collect(source.name, raw.all)
    return { ...(await rows(table, request)), bytes: table.size }
  }
  if (container !== 'gzip') return readText(source.name, raw, request, counted)
  const unpacked = await peekHead(gunzipChunks(raw.all, source.name))
  return readText(source.name.replace(/\.gz$/i, ''), unpacked, request, counted)
}

type Peeked = Awaited<ReturnType<typeof peekHead>>

async function readText(name: string, raw: Peeked, request: ReadRequest, counted: { bytes: number }) {
  const encoding = await (request.options.encoding
    ? namedEncoding(request.options.encoding)
    : detectEncoding(raw.bytes))
  const { head, all } = await peekHead(decodeChunks(raw.all, encoding.name))
  const format = sniffFormat(name, head)
  const sink = namingEncoding(request.sink, encoding.name)
  const isDocument = request.asDocument !== undefined && (format === 'text' || format === 'markdown')
  const reader: RowReader = isDocument ? documentReader(sink, request.asDocument ?? '') : readers[format](sink, head)
  const splitter = pieceSplitter(sniffLineBreak(format, head))
  for await (const chunk of all) {
    for (const piece of splitter.push(chunk)) reader.push(piece)
    await request.pause(counted.bytes)
  }
  for (const piece of splitter.end()) reader.push(piece)
  reader.end()
  const notes = [...encodingNotes(encoding), ...(isDocument ? [] : cutNotes(format, hasParagraphs(head)))]
  return { format, bytes: counted.bytes, encoding: encoding.name, notes }
}

/** The readers know UTF-8 only, which is what every other encoding was turned into. */
function namingEncoding(sink: RowSink, encoding: string): RowSink {
  if (encoding === 'UTF-8') return sink
  return {
    row: (row) => sink.row(row),
    problem(problem) {
      if (problem.code !== 'invalid-utf8') return sink.problem(problem)
      const message = `a byte here is not valid ${encoding}; save the file in the encoding UTF-8 and import it again`
      sink.problem({ ...problem, code: 'invalid-encoding', message })
    },
  }
}

function encodingNotes({ name, maybe }: DetectedEncoding): string[] {
  if (name !== 'UTF-8') return [`the text was decoded from ${name}`]
  if (maybe === undefined) return []
  return [`the text was read as UTF-8, but not all of it is: it may be ${maybe}; rows with other bytes were left out`]
}

/** How running text was cut into rows is a choice, so it is told. */
function cutNotes(format: TextFormat, paragraphs: boolean): string[] {
  if (format === 'markdown') return ['each section (a heading and what follows it) is a row']
  if (format !== 'text') return []
  return [paragraphs ? 'each paragraph is a row' : 'each line is a row']
}

async function* counting(chunks: AsyncIterable<Uint8Array>, counted: { bytes: number }): AsyncGenerator<Uint8Array> {
  for await (const chunk of chunks) {
    counted.bytes += chunk.length
    yield chunk
  }
}

async function collect(name: string, chunks: AsyncIterable<Uint8Array>) {
  const parts: Uint8Array[] = []
  for await (const chunk of chunks) parts.push(chunk)
  const bytes = Buffer.concat(parts)
  return { name, size: bytes.length, ranges: rangesOf(bytes) }
}
