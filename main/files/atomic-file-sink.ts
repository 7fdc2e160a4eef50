import { randomUUID } from 'node:crypto'
import { open, rename, rm, type FileHandle } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import type { ByteSink } from '../engine/tensor'
import { HostError } from './host-error'
import { naming } from './system-errors'

/** The file appears at its name only with `commit`, whole; until then, and after `abort`, there is nothing there. */
export interface AtomicFileSink extends ByteSink {
  /** Flushes, renames, and flushes the folder. */
  commit(): Promise<void>
  /** Removes what was written. Does nothing after a commit, so that it can stand in a `finally`. */
  abort(): Promise<void>
}

/** Small writes are collected to this size: a checkpoint has hundreds of tensors of a few hundred bytes. */
const BATCH_BYTES = 1024 * 1024

async function writeFully(handle: FileHandle, bytes: Uint8Array): Promise<void> {
  let done = 0
  while (done < bytes.byteLength) {
    const length = Math.min(bytes.byteLength - done, 2 ** 30)
    const { bytesWritten } = await handle.write(bytes, done, length)
    done += bytesWritten
  }
}

/** Collects small chunks by copying them (their writer may reuse them); large ones go straight through. */
function batchingWriter(handle: FileHandle): { write(chunk: Uint8Array): Promise<void>; flush(): Promise<void> } {
  const batch = new Uint8Array(BATCH_BYTES)
  let used = 0
  const flush = async (): Promise<void> => {
    const length = used
    used = 0
    await writeFully(handle, batch.subarray(0, length))
  }
  return {
    flush,
    async write(chunk) {
      if (used + chunk.byteLength > BATCH_BYTES) await flush()
      if (chunk.byteLength > BATCH_BYTES) return writeFully(handle, chunk)
      batch.set(chunk, used)
      used += chunk.byteLength
    },
  }
}

/** Makes a rename survive a power cut. Windows cannot open a folder for this, and need not. */
async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, 'r').catch(() => undefined)
  await handle?.sync().catch(() => undefined)
  await handle?.close()
}

/**
 * A file written under a temporary name in the same folder. One `write` at a time. End with `commit` or `abort`.
 * Throws HostError, which names the final path.
 */
export async function atomicFileSink(path: string): Promise<AtomicFileSink> {
  const temporary = join(dirname(path), `.${basename(path).slice(0, 100)}.${randomUUID()}.tmp`)
  const handle = await naming(path, 'write', () => open(temporary, 'wx'))
  const writer = batchingWriter(handle)
  let ended = false
  const end = (): void => {
    if (ended) throw new HostError('closed', `${path}: expected an unfinished file, got a finished one; open it anew`)
    ended = true
  }
  const discard = async (): Promise<void> => {
    await handle.close().catch(() => undefined)
    await rm(temporary, { force: true })
  }
  const finish = async (): Promise<void> => {
    await writer.flush()
    await handle.sync()
    await handle.close()
    await rename(temporary, path)
    await syncFolder(dirname(path))
  }
  return {
    async write(chunk) {
      if (ended) end()
      await naming(path, 'write', () => writer.write(chunk))
    },
    async commit() {
      end()
      await naming(path, 'write', finish).catch(async (error: unknown) => {
        await discard()
        throw error
      })
    },
    async abort() {
      if (ended) return
      ended = true
      await discard()
    },
  }
}
