import { join } from 'node:path'
import type { FileSource } from '../engine/tensor'
import { fileByteSource, type OpenFile } from './file-byte-source'
import { HostError } from './host-error'

export interface OpenFolder extends FileSource {
  /** Closes every file that was opened through the folder. */
  close(): Promise<void>
}

/** Names come out of downloaded files, so none may lead out of the folder. */
function checkName(folder: string, name: string): void {
  if (/^[^/\\\0]+$/.test(name) && name !== '.' && name !== '..') return
  const message = `${folder}: expected a plain file name, got ${JSON.stringify(name)}; the folder's contents are not to be trusted`
  throw new HostError('invalid-name', message, { name })
}

async function openIfPresent(path: string): Promise<OpenFile | undefined> {
  try {
    return await fileByteSource(path)
  } catch (error) {
    if (error instanceof HostError && ['not-found', 'not-a-file'].includes(error.code)) return undefined
    throw error
  }
}

/** A folder's files by name. A file opened twice is one handle; all stay open until `close`. */
export function folderFileSource(folder: string): OpenFolder {
  const opened = new Map<string, Promise<OpenFile | undefined>>()
  return {
    async open(name) {
      checkName(folder, name)
      const known = opened.get(name)
      if (known) return known
      const file = openIfPresent(join(folder, name))
      opened.set(name, file)
      return file
    },
    async close() {
      const files = await Promise.allSettled(opened.values())
      opened.clear()
      await Promise.all(files.map((file) => (file.status === 'fulfilled' ? file.value?.close() : undefined)))
    },
  }
}
