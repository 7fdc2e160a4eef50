import type { gguf } from '../../checkpoint'

type TensorType = gguf.GgufTensorType

/** `general.file_type`. Source: LlamaFileType in gguf's constants.py. */
export const fileTypes: Readonly<Record<TensorType, number>> = { F32: 0, F16: 1, Q4_0: 2, Q8_0: 7, BF16: 32 }

/** Elements of a block: rows must be multiples. */
const blocks: Readonly<Record<TensorType, number>> = { F32: 1, F16: 1, BF16: 1, Q8_0: 32, Q4_0: 32 }

/** Tables that every token passes: four bits cost more there than anywhere else. */
const tables = ['token_embd.weight', 'output.weight']
/** llama.cpp adds this one to activations, which are float32. */
const alwaysFull = ['position_embd.weight']

/**
 * The type of one tensor in a file of a type: vectors and positions stay float32, tables keep eight bits, and rows that
 * do not divide into blocks stay half precision.
 */
export function tensorType(wanted: TensorType, name: string, shape: readonly number[]): TensorType {
  if (shape.length < 2 || alwaysFull.includes(name)) return 'F32'
  const type = wanted === 'Q4_0' && tables.includes(name) ? 'Q8_0' : wanted
  return (shape.at(-1) ?? 1) % blocks[type] === 0 ? type : 'F16'
}
