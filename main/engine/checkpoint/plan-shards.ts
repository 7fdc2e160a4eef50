import { GraftError } from '../errors'
import { elementCount, tensorBytes } from '../tensor'
import type { TensorInfo } from './header'

export interface NamedTensor extends TensorInfo {
  readonly name: string
}

export interface Shard<T extends NamedTensor = NamedTensor> {
  readonly file: string
  readonly tensors: readonly T[]
}

const fiveDigits = (n: number): string => String(n).padStart(5, '0')

/** Tensors in the given order; a new group where the limit would be passed, one of its own for a larger tensor. */
function group<T extends NamedTensor>(tensors: Iterable<T>, maxBytes: number): T[][] {
  const groups: T[][] = []
  let current: T[] = []
  let bytes = 0
  for (const tensor of tensors) {
    const size = tensorBytes(tensor.dtype, tensor.shape)
    if (size > maxBytes) {
      groups.push([tensor])
      continue
    }
    if (bytes + size > maxBytes && current.length > 0) {
      groups.push(current)
      current = []
      bytes = 0
    }
    current.push(tensor)
    bytes += size
  }
  if (current.length > 0 || groups.length === 0) groups.push(current)
  return groups
}

/**
 * Assigns tensors to weight files of at most `maxBytes` of tensor data, as Hugging Face's writers do (no repacking, so
 * the state dict's order is kept). One file needs no number: `model.safetensors`.
 */
export function planShards<T extends NamedTensor>(tensors: Iterable<T>, maxBytes: number): readonly Shard<T>[] {
  if (!(maxBytes > 0)) {
    const message = `shards: expected a size limit above 0, got ${maxBytes}; give it in bytes`
    throw new GraftError('invalid-argument', message)
  }
  const groups = group(tensors, maxBytes)
  if (groups.length === 1) return [{ file: 'model.safetensors', tensors: groups[0]! }]
  const total = fiveDigits(groups.length)
  return groups.map((members, i) => ({ file: `model-${fiveDigits(i + 1)}-of-${total}.safetensors`, tensors: members }))
}

/** The text of `model.safetensors.index.json`: which tensor lies in which file, keys sorted, indented by 2. */
export function shardIndexText(shards: readonly Shard[]): string {
  const all = shards.flatMap(({ file, tensors }) => tensors.map((tensor) => ({ ...tensor, file })))
  const byName = all.toSorted((a, b) => (a.name < b.name ? -1 : a.name > b.name ? 1 : 0))
  const index = {
    metadata: {
      total_parameters: all.reduce((sum, { shape }) => sum + elementCount(shape), 0),
      total_size: all.reduce((sum, { dtype, shape }) => sum + tensorBytes(dtype, shape), 0),
    },
    weight_map: Object.fromEntries(byName.map(({ name, file }) => [name, file])),
  }
  return `${JSON.stringify(index, null, 2)}\n`
}
