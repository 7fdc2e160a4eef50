import { readdir, stat } from 'node:fs/promises'
import { join, relative, sep } from 'node:path'
import { GraftError } from '../../engine/errors'
import { readSource, type SourceFacts } from './read-source'
import type { ReadRequest, RowSink } from './row-reader'
import { openSource } from './source-file'

const dataFile = /\.(?:jsonl|ndjson|json|csv|tsv|parquet|xlsx)(?:\.gz)?$/i
const textFile = /\.(?:txt|text|md|markdown)(?:\.gz)?$/i
const maxFiles = 100_000

export async function isFolder(path: string): Promise<boolean> {
  return (await stat(path).catch(() => undefined))?.isDirectory() ?? false
}

interface FolderFile {
  readonly path: string
  /** Its path inside the folder, with slashes. */
  readonly name: string
  readonly size: number
}

/**
 * Reads all files of a folder and its sub-folders as one dataset, in the order of their names. A folder holds data or
 * texts: where there are data files, text files beside them are descriptions and are passed over; where there are none,
 * each text file is a row. Hidden files and links to folders are not followed. Throws like `readSource`.
 */
export async function readFolder(folder: string, request: Omit<ReadRequest, 'asDocument'>): Promise<SourceFacts> {
  const all = await listFiles(folder)
  const data = all.filter(({ name }) => dataFile.test(name))
  const chosen = data.length > 0 ? data : all.filter(({ name }) => textFile.test(name))
  if (chosen.length === 0) throw noFiles(folder, all.length)
  const notes = new Set<string>()
  const encodings = new Set<string>()
  let done = 0
  for (const file of chosen) {
    const before = done
    const pause = (bytes: number) => request.pause(before + bytes)
    const facts = await readFile(file, { ...request, pause, sink: namingFile(request.sink, file.name) })
    for (const note of facts.notes) notes.add(chosen.length === 1 ? note : `${file.name}: ${note}`)
    if (facts.encoding !== undefined) encodings.add(facts.encoding)
    done += file.size
  }
  const encoding = [...encodings].join(', ')
  const told = [...passedOver(all, chosen), ...shortened([...notes])]
  return { format: 'folder', bytes: done, ...(encoding !== '' && { encoding }), notes: told }
}

async function readFile({ path, name }: FolderFile, request: ReadRequest): Promise<SourceFacts> {
  const source = await openSource(path)
  try {
    return await readSource(source, { ...request, asDocument: name })
  } finally {
    await source.close()
  }
}

async function listFiles(folder: string): Promise<FolderFile[]> {
  const files: FolderFile[] = []
  const waiting = [folder]
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    for (const entry of await readdir(next, { withFileTypes: true })) {
      const path = join(next, entry.name)
      if (entry.name.startsWith('.')) continue
      if (entry.isDirectory()) waiting.push(path)
      else {
        // Downloaded datasets are often folders of links to files.
        const found = await stat(path).catch(() => undefined)
        const name = relative(folder, path).split(sep).join('/')
        if (found?.isFile() === true) files.push({ path, name, size: found.size })
      }
    }
    if (files.length > maxFiles) throw tooMany(folder)
  }
  return files.sort((a, b) => (a.name < b.name ? -1 : 1))
}

/** Lines count within a file, so a problem says in which one. */
function namingFile(sink: RowSink, name: string): RowSink {
  return {
    row: (row) => sink.row(row),
    problem: (problem) => sink.problem({ ...problem, message: `${name}: ${problem.message}` }),
  }
}

function passedOver(all: readonly FolderFile[], chosen: readonly FolderFile[]): string[] {
  const read = new Set(chosen)
  const others = all.filter((file) => !read.has(file)).map(({ name }) => name)
  const start = `${chosen.length} ${chosen.length === 1 ? 'file was' : 'files were'} read`
  if (others.length === 0) return [start]
  return [`${start}, ${others.length} passed over: ${shortened(others).join(', ')}`]
}

const maxNamed = 5

function shortened(list: readonly string[]): string[] {
  return list.length <= maxNamed ? [...list] : [...list.slice(0, maxNamed), `and ${list.length - maxNamed} more`]
}

function noFiles(folder: string, others: number): GraftError {
  const message = `${folder}: expected files such as .jsonl, .csv, .parquet, .txt or .md, got ${others} others; choose another folder`
  return new GraftError('dataset-empty', message, { folder })
}

function tooMany(folder: string): GraftError {
  const message = `${folder}: expected at most ${maxFiles} files, got more; join them into one JSON Lines file`
  return new GraftError('unsupported', message, { folder })
}
