/** A byte that UTF-8 never has: it stands where the source could not be decoded, and readers report its place. */
const broken = Buffer.of(0xff)
const halfPair = /[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/

/**
 * Turns a file's bytes into UTF-8, chunk by chunk. What cannot be decoded becomes a byte that is not UTF-8, so that it is
 * found and reported like any other, with its line and column. UTF-8 itself goes through untouched.
 */
export async function* decodeChunks(chunks: AsyncIterable<Uint8Array>, encoding: string): AsyncGenerator<Uint8Array> {
  if (encoding === 'UTF-8') {
    yield* chunks
    return
  }
  const { default: iconv } = await import('iconv-lite')
  const isUtf16 = encoding.startsWith('UTF-16')
  const decoder = iconv.getDecoder(encoding)
  let length = 0
  let half = ''
  for await (const chunk of chunks) {
    length += chunk.length
    const text = half + decoder.write(Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength))
    half = /[\ud800-\udbff]$/.exec(text)?.[0] ?? ''
    yield toUtf8(half === '' ? text : text.slice(0, -1), isUtf16)
  }
  yield toUtf8(half + (decoder.end() ?? ''), isUtf16)
  // A last byte without its other half is lost on the decoder.
  if (isUtf16 && length % 2 === 1) yield broken
}

/**
 * Only UTF-16 can tell a replacement character that stood in the file from one that stands for a fault, because there
 * faults are halves of surrogate pairs and decode as themselves.
 */
function toUtf8(text: string, isUtf16: boolean): Buffer {
  const faulty = isUtf16 ? halfPair.test(text) : text.includes('\ufffd')
  if (!faulty) return Buffer.from(text)
  const parts = text.split(isUtf16 ? halfPair : '\ufffd')
  return Buffer.concat(
    parts.flatMap((part, index) => (index === 0 ? [Buffer.from(part)] : [broken, Buffer.from(part)])),
  )
}
