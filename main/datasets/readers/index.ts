import { csvReader } from './csv/csv-rows'
import { jsonReader } from './json/json-rows'
import { jsonlReader } from './json/jsonl-rows'
import type { OpenReader } from './row-reader'
import type { SourceFormat } from './sniff-format'

/** One reader for each format: a new format is one file and one line here (and one rule in `sniff-format`). */
export const readers: Record<SourceFormat, OpenReader> = {
  jsonl: (sink) => jsonlReader(sink),
  json: (sink, head) => jsonReader(sink, head),
  csv: (sink, head) => csvReader(sink, head),
}

export { checkObject } from './json/json-check'
export type { FileHead, RowReader, RowSink, SourceRow } from './row-reader'
export { sniffFormat, sniffLineBreak, type SourceFormat } from './sniff-format'
export { pieceSplitter, type TextPiece } from './text-pieces'
export { openSource, peekHead, sourceName, type OpenSource, type SourceFile } from './source-file'
