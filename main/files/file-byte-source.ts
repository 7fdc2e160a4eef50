import { open, type FileHandle } from 'node:fs/promises'
import type { ByteSource } from '../engine/tensor'
import { HostError } from './host-error'
import { naming } from './system-errors'

export interface OpenFile extends ByteSource {
  close(): Promise<void>
}

/** Node.js reads at most 2^31 - 1 bytes at a time; tensors may be larger. */
const MAX_READ_BYTES = 2 ** 30

async function readFully(handle: FileHandle, path: string, offset: number, target: Uint8Array): Promise<void> {
  let done = 0
  while (done < target.byteLength) {
    const length = Math.min(target.byteLength - done, MAX_READ_BYTES)
    const { bytesRead } = await handle.read(target, done, length, offset + done)
    if (bytesRead === 0) {
      const message = `${path}: expected ${target.byteLength} bytes at ${offset}, got ${done}; the file is cut short`
      throw new HostError('file-truncated', `${message}, get it again`, { path })
    }
    done += bytesRead
  }
}

async function sizeOf(handle: FileHandle, path: string): Promise<number> {
  const stat = await handle.stat()
  if (stat.isFile()) return stat.size
  throw new HostError('not-a-file', `${path}: expected a file, got something else; choose a file`, { path })
}

/** Opens a file for reading ranges of it; whoever opens it closes it. Throws HostError. */
export async function fileByteSource(path: string): Promise<OpenFile> {
  return naming(path, 'read', async () => {
    const handle = await open(path, 'r')
    const size = await sizeOf(handle, path).catch(async (error: unknown) => {
      await handle.close()
      throw error
    })
    return {
      name: path,
      size,
      read: (offset, target) => naming(path, 'read', () => readFully(handle, path, offset, target)),
      close: () => handle.close(),
    }
  })
}
