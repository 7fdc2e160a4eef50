import type { ByteSink, ByteSource } from '../tensor'

/** A file in the making: it appears under its name with `commit`, whole, and never after `abort`. */
export interface ExportSink extends ByteSink {
  commit(): Promise<void>
  abort(): Promise<void>
}

/** Where an export goes: a folder of its own that was empty before. The host makes each file atomic. */
export interface ExportTarget {
  create(name: string): Promise<ExportSink>
  /** Takes a committed file back: an export that fails leaves nothing. */
  remove(name: string): Promise<void>
}

/** A file that writes itself when its turn comes. */
export interface ExportFile {
  readonly name: string
  write(sink: ByteSink): Promise<void>
}

export interface ExportedFile {
  readonly name: string
  readonly bytes: number
}

const COPY_CHUNK_BYTES = 4 * 1024 * 1024

export function textFile(name: string, text: string): ExportFile {
  return { name, write: (sink) => sink.write(new TextEncoder().encode(text)) }
}

export function copiedFile(name: string, source: ByteSource): ExportFile {
  return {
    name,
    async write(sink) {
      const buffer = new Uint8Array(Math.min(COPY_CHUNK_BYTES, source.size))
      for (let offset = 0; offset < source.size; offset += buffer.byteLength) {
        const chunk = buffer.subarray(0, Math.min(buffer.byteLength, source.size - offset))
        await source.read(offset, chunk)
        await sink.write(chunk)
      }
    },
  }
}

async function writeOne(target: ExportTarget, file: ExportFile): Promise<ExportedFile> {
  const sink = await target.create(file.name)
  let bytes = 0
  const counting: ByteSink = {
    async write(chunk) {
      await sink.write(chunk)
      bytes += chunk.byteLength
    },
  }
  try {
    await file.write(counting)
    await sink.commit()
  } catch (error) {
    // The first error is the one to tell; a folder that cannot be written often cannot be tidied either.
    await sink.abort().catch(() => undefined)
    throw error
  }
  return { name: file.name, bytes }
}

/**
 * Writes the files one after another: all of them, or none. Rethrows what the target or a file throws, after the
 * unfinished file was dropped and the finished ones were taken back. The file that makes a folder loadable belongs last,
 * so that not even a power cut leaves a folder that loads half of an export.
 */
export async function writeExport(target: ExportTarget, files: readonly ExportFile[]): Promise<ExportedFile[]> {
  const written: ExportedFile[] = []
  try {
    for (const file of files) written.push(await writeOne(target, file))
  } catch (error) {
    await Promise.allSettled(written.map(({ name }) => target.remove(name)))
    throw error
  }
  return written
}
