/** Little-endian bytes, one after another, in memory that grows. */
export interface ByteWriter {
  u32(value: number): void
  u64(value: number): void
  f32(value: number): void
  bytes(value: Uint8Array): void
  /** Its length in bytes and the text itself, as UTF-8. */
  text(value: string): void
  /** Zeros up to the next multiple. */
  pad(alignment: number): void
  finish(): Uint8Array
}

const utf8 = new TextEncoder()
const FIRST_BYTES = 64 * 1024

export function createByteWriter(): ByteWriter {
  let buffer = new Uint8Array(FIRST_BYTES)
  let view = new DataView(buffer.buffer)
  let length = 0
  /** Room for so many bytes more; where they begin. */
  const claim = (bytes: number): number => {
    const at = length
    length += bytes
    if (length <= buffer.byteLength) return at
    const grown = new Uint8Array(Math.max(length, 2 * buffer.byteLength))
    grown.set(buffer)
    buffer = grown
    view = new DataView(grown.buffer)
    return at
  }
  const writer: ByteWriter = {
    // Claimed first: claiming may replace the view.
    u32(value) {
      const at = claim(4)
      view.setUint32(at, value, true)
    },
    u64(value) {
      const at = claim(8)
      view.setBigUint64(at, BigInt(value), true)
    },
    f32(value) {
      const at = claim(4)
      view.setFloat32(at, value, true)
    },
    bytes(value) {
      const at = claim(value.byteLength)
      buffer.set(value, at)
    },
    text(value) {
      const encoded = utf8.encode(value)
      writer.u64(encoded.byteLength)
      writer.bytes(encoded)
    },
    pad: (alignment) => void claim(-length & (alignment - 1)),
    finish: () => buffer.slice(0, length),
  }
  return writer
}
