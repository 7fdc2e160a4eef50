/**
 * Just enough of the protocol buffers' wire format to write an ONNX model: varints, 32-bit floats and length-delimited
 * fields (protobuf.dev, "Encoding").
 */
export interface ProtoWriter {
  integer(field: number, value: number): void
  float(field: number, value: number): void
  bytes(field: number, value: Uint8Array | string): void
  message(field: number, fill: (inner: ProtoWriter) => void): void
  finish(): Uint8Array
}

const utf8 = new TextEncoder()

function varint(value: number): number[] {
  // Negative numbers are 64-bit two's complement, ten bytes long.
  let rest = BigInt.asUintN(64, BigInt(value))
  const bytes: number[] = []
  do {
    const low = Number(rest & 0x7fn)
    rest >>= 7n
    bytes.push(rest > 0n ? low | 0x80 : low)
  } while (rest > 0n)
  return bytes
}

export function createProtoWriter(): ProtoWriter {
  const chunks: Uint8Array[] = []
  const push = (bytes: number[] | Uint8Array): void => void chunks.push(Uint8Array.from(bytes))
  const tag = (field: number, wireType: number): void => push(varint(field * 8 + wireType))
  const writer: ProtoWriter = {
    integer(field, value) {
      tag(field, 0)
      push(varint(value))
    },
    float(field, value) {
      tag(field, 5)
      push(new Uint8Array(Float32Array.of(value).buffer))
    },
    bytes(field, value) {
      const bytes = typeof value === 'string' ? utf8.encode(value) : value
      tag(field, 2)
      push(varint(bytes.length))
      push(bytes)
    },
    message(field, fill) {
      const inner = createProtoWriter()
      fill(inner)
      writer.bytes(field, inner.finish())
    },
    finish() {
      const result = new Uint8Array(chunks.reduce((sum, chunk) => sum + chunk.length, 0))
      let offset = 0
      for (const chunk of chunks) {
        result.set(chunk, offset)
        offset += chunk.length
      }
      return result
    },
  }
  return writer
}
