import { writeSafetensors, type TensorToWrite } from '../../../main/engine/checkpoint'
import { memorySink, memorySource, type ByteSource, type FileSource } from '../../../main/engine/tensor'

/** The bytes of a safetensors file whose header is any text. */
export function fileOf(header: string | Uint8Array, data = new Uint8Array(0), length?: bigint): Uint8Array {
  const text = typeof header === 'string' ? new TextEncoder().encode(header) : header
  const file = new Uint8Array(8 + text.byteLength + data.byteLength)
  new DataView(file.buffer).setBigUint64(0, length ?? BigInt(text.byteLength), true)
  file.set(text, 8)
  file.set(data, 8 + text.byteLength)
  return file
}

export async function writtenBytes(
  tensors: Iterable<TensorToWrite>,
  metadata?: Record<string, string>,
): Promise<Uint8Array> {
  const sink = memorySink()
  await writeSafetensors(sink, tensors, metadata)
  return sink.bytes()
}

/** The JSON header as it stands in the file, padding and all. */
export function headerText(file: Uint8Array): string {
  const length = Number(new DataView(file.buffer).getBigUint64(0, true))
  return new TextDecoder().decode(file.subarray(8, 8 + length))
}

export function folderOf(files: Readonly<Record<string, Uint8Array | string>>): FileSource {
  return {
    async open(name) {
      const content = Object.hasOwn(files, name) ? files[name] : undefined
      if (content === undefined) return undefined
      return memorySource(name, typeof content === 'string' ? new TextEncoder().encode(content) : content)
    },
  }
}

/** A source that remembers how much was asked of it at once. */
export function watched(source: ByteSource): ByteSource & { readonly requests: number[] } {
  const requests: number[] = []
  return {
    ...source,
    requests,
    read(offset, target) {
      requests.push(target.byteLength)
      return source.read(offset, target)
    },
  }
}

export function f32(name: string, shape: number[], data: number[]): TensorToWrite {
  return { name, dtype: 'F32', shape, data: Float32Array.from(data) }
}
