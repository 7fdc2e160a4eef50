import { GraftError } from '../../../errors'
import type { ByteSource } from '../../../tensor'

/** What every fault in a GGUF header is reported as. */
export function ggufError(file: string, expected: string, got: string): GraftError {
  return new GraftError(
    'checkpoint-header',
    `${file}: expected ${expected}, got ${got}; the file is damaged or no GGUF file, get it again`,
    { file },
  )
}

/** Reads a header front to back. */
export interface HeaderCursor {
  readonly file: string
  /** Bytes from the start of the file. */
  position(): number
  /** Bytes that may still be read: no count of anything can be larger. */
  remaining(): number
  /** The next bytes; valid until the next call. @throws GraftError 'checkpoint-header' where there are fewer */
  take(bytes: number, what: string): Promise<DataView>
}

const WINDOW_BYTES = 1024 * 1024

/** A cursor over the first `limit` bytes; of the file it holds one window, and more only for a longer single value. */
export function createHeaderCursor(source: ByteSource, limit: number): HeaderCursor {
  const end = Math.min(source.size, limit)
  let window = new Uint8Array(0)
  let start = 0
  let at = 0
  const remaining = (): number => end - start - at
  const refill = async (bytes: number): Promise<void> => {
    const unread = window.subarray(at)
    const next = new Uint8Array(Math.min(Math.max(bytes, WINDOW_BYTES), remaining()))
    next.set(unread)
    await source.read(start + window.byteLength, next.subarray(unread.byteLength))
    start += at
    at = 0
    window = next
  }
  return {
    file: source.name,
    position: () => start + at,
    remaining,
    async take(bytes, what) {
      if (bytes > remaining()) throw ggufError(source.name, `${bytes} bytes of ${what}`, `${remaining()} bytes`)
      if (at + bytes > window.byteLength) await refill(bytes)
      const view = new DataView(window.buffer, at, bytes)
      at += bytes
      return view
    },
  }
}
