import { pipeline, Readable } from 'node:stream'
import { createGunzip } from 'node:zlib'
import { HostError } from '../../files'

/** Unpacks a gzip file chunk by chunk, several members one after the other. Throws HostError `file-damaged`. */
export async function* gunzipChunks(chunks: AsyncIterable<Uint8Array>, name: string): AsyncGenerator<Uint8Array> {
  // The error reaches whoever reads the unpacked side.
  const unpacked = pipeline(Readable.from(chunks), createGunzip({ chunkSize: 1 << 18 }), () => undefined)
  try {
    for await (const chunk of unpacked) yield chunk as Buffer
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code ?? ''
    if (!code.startsWith('Z_')) throw error
    const got = code === 'Z_BUF_ERROR' ? 'one that is cut off' : 'a damaged one'
    throw new HostError('file-damaged', `${name}: expected a whole gzip file, got ${got}; get it again`, { file: name })
  }
}
