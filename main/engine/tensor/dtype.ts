import { GraftError } from '../errors'

/** Bytes of one element, by the names that safetensors gives the types. */
export const DTYPE_BYTES = {
  F64: 8,
  F32: 4,
  F16: 2,
  BF16: 2,
  F8_E4M3: 1,
  F8_E5M2: 1,
  I64: 8,
  I32: 4,
  I16: 2,
  I8: 1,
  U64: 8,
  U32: 4,
  U16: 2,
  U8: 1,
  BOOL: 1,
} as const

export type Dtype = keyof typeof DTYPE_BYTES

export function isDtype(name: string): name is Dtype {
  return Object.hasOwn(DTYPE_BYTES, name)
}

/** Elements of a shape; 1 for a scalar's empty shape. Throws `invalid-argument` beyond 2^53. */
export function elementCount(shape: readonly number[]): number {
  const count = shape.reduce((product, size) => product * size, 1)
  if (Number.isSafeInteger(count) && count >= 0) return count
  throw new GraftError(
    'invalid-argument',
    `shape [${shape.join(', ')}]: expected a whole number of elements below 2^53, got ${count}; check the sizes`,
  )
}

/** Bytes of a dense tensor. Throws `invalid-argument` for an impossible shape. */
export function tensorBytes(dtype: Dtype, shape: readonly number[]): number {
  return elementCount(shape) * DTYPE_BYTES[dtype]
}
