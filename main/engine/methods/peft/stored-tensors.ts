import type { StoredTensor, WeightSpec } from '../../nn'

/** Tensors that PEFT keeps one by one, under the path of their module inside its own wrapper. */
export const storedAlike = (tensors: readonly WeightSpec[], prefix = 'base_model.model.'): StoredTensor[] =>
  tensors.map(({ name, shape }) => ({ name: `${prefix}${name}`, shape, slots: [name] }))

/** Values of a tensor of the file from those of its slots. */
export async function packTensor(
  { slots, pack }: StoredTensor,
  read: (slot: string) => Promise<Float32Array>,
): Promise<Float32Array> {
  const parts: Float32Array[] = []
  // A copy: the next reading may use the same memory.
  for (const slot of slots) parts.push((await read(slot)).slice())
  return pack ? pack(parts) : (parts[0] as Float32Array)
}

/** A slot's values from those of the tensor that holds it. */
export function unpackSlot({ slots, unpack }: StoredTensor, data: Float32Array, slot: string): Float32Array {
  return unpack ? (unpack(data)[slots.indexOf(slot)] as Float32Array) : data
}
