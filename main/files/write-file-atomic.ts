import { atomicFileSink } from './atomic-file-sink'

/**
 * Replaces a file's content so that a reader, and a power cut, meets the old or the new content and nothing between.
 * Throws HostError; the old content then stays.
 */
export async function writeFileAtomic(path: string, content: string | Uint8Array): Promise<void> {
  const sink = await atomicFileSink(path)
  try {
    await sink.write(typeof content === 'string' ? new TextEncoder().encode(content) : content)
    await sink.commit()
  } finally {
    await sink.abort()
  }
}
