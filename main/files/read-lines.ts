import { open, type FileHandle } from 'node:fs/promises'
import { naming } from './system-errors'

export interface TextLine {
  /** Counts from 1. */
  readonly line: number
  readonly text: string
}

/** A line's value, or why it has none: one bad line does not hide the others. */
export type JsonLine =
  | { readonly line: number; readonly value: unknown }
  | { readonly line: number; readonly problem: string; readonly text: string }

const LINE_FEED = 0x0a
const READ_BYTES = 256 * 1024

async function* chunksOf(handle: FileHandle, path: string): AsyncGenerator<Uint8Array> {
  for (;;) {
    const buffer = new Uint8Array(READ_BYTES)
    const { bytesRead } = await naming(path, 'read', () => handle.read(buffer, 0, READ_BYTES))
    if (bytesRead === 0) return
    yield buffer.subarray(0, bytesRead)
  }
}

/**
 * The lines of a UTF-8 file that are whole, without their line feed. What stands behind the last line feed was torn by
 * a writer that died, or is being written right now, and is left out. Throws HostError.
 */
export async function* readLines(path: string): AsyncGenerator<TextLine> {
  const handle = await naming(path, 'read', () => open(path, 'r'))
  let parts: Uint8Array[] = []
  let line = 0
  try {
    for await (const chunk of chunksOf(handle, path)) {
      let start = 0
      for (let end = chunk.indexOf(LINE_FEED); end >= 0; end = chunk.indexOf(LINE_FEED, start)) {
        parts.push(chunk.subarray(start, end))
        yield { line: ++line, text: Buffer.concat(parts).toString('utf8') }
        parts = []
        start = end + 1
      }
      if (start < chunk.byteLength) parts.push(chunk.subarray(start))
    }
  } finally {
    await handle.close()
  }
}

function parseLine({ line, text }: TextLine): JsonLine {
  try {
    return { line, value: JSON.parse(text) as unknown }
  } catch (error) {
    return { line, text, problem: error instanceof Error ? error.message : String(error) }
  }
}

/** The values of a log that `openLineLog` writes; empty lines are passed over. Throws HostError. */
export async function* readJsonLines(path: string): AsyncGenerator<JsonLine> {
  for await (const line of readLines(path)) if (line.text.trim() !== '') yield parseLine(line)
}
