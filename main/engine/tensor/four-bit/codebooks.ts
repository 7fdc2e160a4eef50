/** NormalFloat4 (QLoRA, Dettmers et al. 2023, arXiv:2305.14314) and the 4-bit float with 2 exponent bits. */
export type FourBitType = 'nf4' | 'fp4'

/** A type's 16 numbers, and how a number finds its nearest. */
export interface Codebook {
  /** Number by code, float32. */
  readonly codes: Float32Array
  /** Codes in ascending order of their numbers. */
  readonly ascending: Uint8Array
  /** Between neighbours of that order, 15, float32: what is above takes the upper one, a tie the lower one. */
  readonly thresholds: Float32Array
}

/**
 * NF4 as bitsandbytes has it: quantiles of the normal distribution, scaled to [-1, 1], with an exact zero (spec of the
 * QLoRA paper, appendix E).
 */
const NF4 = [
  -1.0, -0.6961928009986877, -0.5250730514526367, -0.39491748809814453, -0.28444138169288635, -0.18477343022823334,
  -0.09105003625154495, 0.0, 0.07958029955625534, 0.16093020141124725, 0.24611230194568634, 0.33791524171829224,
  0.44070982933044434, 0.5626170039176941, 0.7229568362236023, 1.0,
]

/** FP4's magnitudes by its lower three bits, in units of 1/12; the fourth bit is the sign. */
const FP4_TWELFTHS = [0, 0.0625, 8, 12, 4, 6, 2, 3]
const FP4 = [...FP4_TWELFTHS.map((n) => n / 12), ...FP4_TWELFTHS.map((n) => -n / 12)]

function createCodebook(numbers: readonly number[]): Codebook {
  const codes = Float32Array.from(numbers)
  // The sort is stable: FP4's two zeros stay in their order.
  const ascending = Uint8Array.from(codes.keys()).sort((a, b) => codes[a]! - codes[b]! || a - b)
  const thresholds = Float32Array.from(
    { length: 15 },
    (_, i) => (codes[ascending[i]!]! + codes[ascending[i + 1]!]!) / 2,
  )
  return { codes, ascending, thresholds }
}

export const codebooks: Readonly<Record<FourBitType, Codebook>> = { nf4: createCodebook(NF4), fp4: createCodebook(FP4) }
