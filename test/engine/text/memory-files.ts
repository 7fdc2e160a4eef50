import type { FileSource } from '../../../main/engine/tensor'

/** Texts by file name as the engine's {@link FileSource}. */
export function memoryFiles(texts: Readonly<Record<string, string>>): FileSource {
  return {
    open: (name) => {
      const text = texts[name]
      if (text === undefined) return Promise.resolve(undefined)
      const bytes = new TextEncoder().encode(text)
      const read = (offset: number, target: Uint8Array): Promise<void> => {
        target.set(bytes.subarray(offset, offset + target.length))
        return Promise.resolve()
      }
      return Promise.resolve({ name, size: bytes.length, read })
    },
  }
}
