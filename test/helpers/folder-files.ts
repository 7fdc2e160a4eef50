import { open, stat } from 'node:fs/promises'
import { join } from 'node:path'
import type { ByteSource, FileSource } from '../../main/engine/tensor'

/** A folder on disk as the engine's {@link FileSource}. */
export function folderFiles(folder: string): FileSource {
  return {
    open: async (name) => {
      const path = join(folder, name)
      const info = await stat(path).catch(() => undefined)
      return info?.isFile() ? fileBytes(path, info.size) : undefined
    },
  }
}

function fileBytes(path: string, size: number): ByteSource {
  return {
    name: path,
    size,
    read: async (offset, target) => {
      const file = await open(path)
      try {
        const { bytesRead } = await file.read(target, 0, target.length, offset)
        if (bytesRead < target.length) throw new Error(`${path} ends at byte ${offset + bytesRead}`)
      } finally {
        await file.close()
      }
    },
  }
}
