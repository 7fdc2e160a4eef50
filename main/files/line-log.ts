import { open, type FileHandle } from 'node:fs/promises'
import { HostError } from './host-error'
import { naming } from './system-errors'

/**
 * An append-only file of JSON values, one a line. Appending never waits: lines are written behind the caller's back, in
 * order. The first failed write is thrown by the next append and by every flush and close; nothing is written after it.
 */
export interface LineLog {
  append(value: unknown): void
  /** Resolves when all that was appended is on the disk. */
  flush(): Promise<void>
  close(): Promise<void>
}

const LINE_FEED = 0x0a
const SCAN_BYTES = 64 * 1024

/** Bytes up to and with the last line feed: what a writer that died left whole. */
async function wholeLength(handle: FileHandle): Promise<number> {
  const buffer = new Uint8Array(SCAN_BYTES)
  let end = (await handle.stat()).size
  while (end > 0) {
    const start = Math.max(0, end - SCAN_BYTES)
    const { bytesRead } = await handle.read(buffer, 0, end - start, start)
    const last = buffer.subarray(0, bytesRead).lastIndexOf(LINE_FEED)
    if (last >= 0) return start + last + 1
    end = start
  }
  return 0
}

/** A file opened for appending cannot be cut on every system, so the repair opens it for itself. */
async function repair(path: string): Promise<void> {
  const handle = await open(path, 'r+').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined
    throw error
  })
  if (!handle) return
  try {
    const [{ size }, whole] = [await handle.stat(), await wholeLength(handle)]
    if (whole < size) await handle.truncate(whole)
  } finally {
    await handle.close()
  }
}

function encode(path: string, value: unknown): string {
  const text = JSON.stringify(value)
  if (text !== undefined) return `${text}\n`
  throw new HostError('invalid-value', `${path}: expected a JSON value, got ${typeof value}; pass plain data`)
}

/** Opens a log for appending, creates it where there is none, and cuts off a torn last line. Throws HostError. */
export async function openLineLog(path: string): Promise<LineLog> {
  const handle = await naming(path, 'write', async () => {
    await repair(path)
    return open(path, 'a')
  })
  let pending: string[] = []
  let failure: { error: unknown } | undefined
  let closed = false
  let writing: Promise<void> | undefined

  const drain = async (): Promise<void> => {
    try {
      while (pending.length > 0) {
        const text = pending.join('')
        pending = []
        await naming(path, 'write', () => handle.appendFile(text))
      }
    } catch (error) {
      failure = { error }
    } finally {
      writing = undefined
    }
  }
  const settle = async (): Promise<void> => {
    await writing
    if (failure) throw failure.error
    await naming(path, 'write', () => handle.sync())
  }
  return {
    append(value) {
      if (closed) throw new HostError('closed', `${path}: expected an open log, got a closed one; open it anew`)
      if (failure) throw failure.error
      pending.push(encode(path, value))
      writing ??= drain()
    },
    flush: settle,
    async close() {
      if (closed) return
      closed = true
      try {
        await settle()
      } finally {
        await handle.close()
      }
    },
  }
}
