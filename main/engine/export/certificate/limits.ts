import type { gguf } from '../../checkpoint'

/** How an export's weights are stored; what is exact is F32. */
export type StoredType = gguf.GgufTensorType

/** How far an export may be from the trained model. */
export interface Limits {
  /** Largest difference of any logit, in parts of the logits' spread (their standard deviation over the vocabulary). */
  readonly difference: number
  /** Share of the positions at which the likeliest token must be the same. */
  readonly agreement: number
}

/**
 * By the type of the stored weights. F32 leaves only another order of sums, and one position whose two best tokens are
 * equal to the last bits; the others round every weight. Measured on the starter model, on random models and on
 * SmolLM2-135M, with a margin of three; four bits change what small models say, which this must not hide but allow.
 */
export const limits: Readonly<Record<StoredType, Limits>> = {
  F32: { difference: 2e-3, agreement: 0.98 },
  F16: { difference: 0.05, agreement: 0.95 },
  BF16: { difference: 0.3, agreement: 0.85 },
  Q8_0: { difference: 0.6, agreement: 0.8 },
  Q4_0: { difference: 6, agreement: 0.3 },
}

const order: readonly StoredType[] = ['F32', 'F16', 'BF16', 'Q8_0', 'Q4_0']

/** The type that rounds most among several: what a file of several types is judged by. */
export function coarsest(types: Iterable<StoredType>): StoredType {
  return [...types].reduce<StoredType>((most, type) => (order.indexOf(type) > order.indexOf(most) ? type : most), 'F32')
}
