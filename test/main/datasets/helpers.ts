import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach } from 'vitest'
import type { RowProblem } from '../../../preload/contract'
import { pieceSplitter, readers, sniffLineBreak, type TextFormat, type SourceRow } from '../../../main/datasets/readers'

export interface Found {
  readonly rows: SourceRow[]
  readonly problems: RowProblem[]
}

/** Reads a whole file in one format, in chunks of a given size. */
export function readFound(format: TextFormat, file: string | Uint8Array, chunkSize = Infinity): Found {
  const bytes = typeof file === 'string' ? new TextEncoder().encode(file) : file
  const head = { text: new TextDecoder().decode(bytes), whole: true }
  const found: Found = { rows: [], problems: [] }
  const sink = { row: (row: SourceRow) => found.rows.push(row), problem: (p: RowProblem) => found.problems.push(p) }
  const reader = readers[format](sink, head)
  const splitter = pieceSplitter(sniffLineBreak(format, head))
  for (let at = 0; at < bytes.length; at += chunkSize)
    for (const piece of splitter.push(bytes.subarray(at, at + chunkSize))) reader.push(piece)
  for (const piece of splitter.end()) reader.push(piece)
  reader.end()
  return found
}

/** `line:column code` of each problem. */
export function places({ problems }: Pick<Found, 'problems'>): string[] {
  return problems.map(({ line, column, code }) => `${line}:${column ?? '-'} ${code}`)
}

export function texts({ rows }: Found): string[] {
  return rows.map(({ text }) => text)
}

const folders: string[] = []
afterEach(async () => {
  for (const folder of folders.splice(0)) await rm(folder, { recursive: true, force: true })
})

/** An empty folder that is gone after the test. */
export async function tempFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'graft-datasets-'))
  folders.push(folder)
  return folder
}

export function utf8(text: string): Uint8Array {
  return new TextEncoder().encode(text)
}

export function jsonl(rows: readonly unknown[]): string {
  return rows.map((row) => `${JSON.stringify(row)}\n`).join('')
}
