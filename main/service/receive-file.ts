import { createWriteStream } from 'node:fs'
import { mkdir, mkdtemp, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import type { ReadableStream } from 'node:stream/web'

/** A name that every file system takes, with its ending kept: formats are told apart by it. */
export function safeFileName(name: string): string {
  const plain = name.replace(/^.*[/\\]/s, '').replace(/[\u0000-\u001f<>:"|?*]/g, '_')
  const tail = [...plain].slice(-100).join('')
  return /^\.*$/.test(tail) ? 'upload' : tail
}

/**
 * Writes an uploaded file into a new folder inside `folder`, under its own name, hands its path to `use`, and removes
 * it when that has ended, however it ended.
 */
export async function withReceivedFile<T>(file: File, folder: string, use: (path: string) => Promise<T>): Promise<T> {
  await mkdir(folder, { recursive: true })
  const own = await mkdtemp(join(folder, 'upload-'))
  try {
    const path = join(own, safeFileName(file.name))
    await pipeline(Readable.fromWeb(file.stream() as ReadableStream), createWriteStream(path))
    return await use(path)
  } finally {
    await rm(own, { recursive: true, force: true })
  }
}
