import { csvReader } from './csv/csv-rows'
import { jsonReader } from './json/json-rows'
import { jsonlReader } from './json/jsonl-rows'
import type { OpenReader } from './row-reader'
import type { TextFormat } from './sniff-format'
import { markdownReader } from './text/markdown-rows'
import { textReader } from './text/text-rows'

/** One reader for each text format: a new one is one file and one line here (and one rule in `sniff-format`). */
export const readers: Record<TextFormat, OpenReader> = {
  jsonl: (sink) => jsonlReader(sink),
  json: (sink, head) => jsonReader(sink, head),
  csv: (sink, head) => csvReader(sink, head),
  tsv: (sink, head) => csvReader(sink, head),
  text: (sink, head) => textReader(sink, head),
  markdown: (sink) => markdownReader(sink),
}
