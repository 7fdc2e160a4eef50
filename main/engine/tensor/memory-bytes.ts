import { GraftError } from '../errors'
import type { ByteSink, ByteSource, FileSource } from './byte-source'

/** Bytes already in memory as a source. */
export function memorySource(name: string, bytes: Uint8Array): ByteSource {
  return {
    name,
    size: bytes.byteLength,
    async read(offset, target) {
      const end = offset + target.byteLength
      if (offset < 0 || end > bytes.byteLength) {
        throw new GraftError(
          'invalid-argument',
          `${name}: expected a range within ${bytes.byteLength} bytes, got ${offset} to ${end}; check the offsets`,
        )
      }
      target.set(bytes.subarray(offset, end))
    },
  }
}

/** Texts by file name as a folder; each is made when it is first opened. */
export function memoryFiles(texts: Readonly<Record<string, () => string>>): FileSource {
  const opened = new Map<string, ByteSource>()
  return {
    async open(name) {
      const make = Object.hasOwn(texts, name) ? texts[name] : undefined
      const known = opened.get(name)
      if (known || !make) return known
      const source = memorySource(name, new TextEncoder().encode(make()))
      opened.set(name, source)
      return source
    },
  }
}

/** Collects what is written; `bytes()` is all of it so far, in one piece. */
export function memorySink(): ByteSink & { bytes(): Uint8Array } {
  const chunks: Uint8Array[] = []
  return {
    // A writer may reuse its chunk, so a copy is kept.
    write: async (chunk) => void chunks.push(chunk.slice()),
    bytes() {
      const whole = new Uint8Array(chunks.reduce((sum, chunk) => sum + chunk.byteLength, 0))
      let at = 0
      for (const chunk of chunks) {
        whole.set(chunk, at)
        at += chunk.byteLength
      }
      return whole
    },
  }
}
