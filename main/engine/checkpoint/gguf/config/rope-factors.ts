type Json = Readonly<Record<string, unknown>>

/** Llama 3.1 and 3.2 differ in the factor alone; it is the largest divisor. */
const LLAMA3 = { low_freq_factor: 1, high_freq_factor: 4, original_max_position_embeddings: 8192 } as const
/** Divisors are stored in float32, and were computed in it. */
const TOLERANCE = 1e-5

/** What llama.cpp's conversion writes into `rope_freqs.weight` for a model scaled as Llama 3.1 is. */
function llama3Divisor(frequency: number, factor: number): number {
  const { low_freq_factor: low, high_freq_factor: high, original_max_position_embeddings: context } = LLAMA3
  const turns = (context * frequency) / (2 * Math.PI)
  if (turns > high) return 1
  if (turns < low) return factor
  const blend = (turns - low) / (high - low)
  return 1 / ((1 - blend) / factor + blend)
}

/**
 * Divisors of the rotary frequencies (one for each, [headDim / 2]) as `rope_parameters`: Llama 3's scaling where that is
 * what they are, so that other programs understand the config, or else the divisors themselves.
 */
export function ropeParametersOf(theta: number, divisors: ArrayLike<number>): Json {
  const factors = Array.from(divisors)
  if (factors.every((divisor) => divisor === 1)) return { rope_type: 'default', rope_theta: theta }
  const factor = factors.reduce((largest, divisor) => Math.max(largest, divisor), 1)
  const isLlama3 = factors.every((divisor, i) => {
    const expected = llama3Divisor(theta ** (-i / factors.length), factor)
    return Math.abs(divisor / expected - 1) < TOLERANCE
  })
  if (isLlama3) return { rope_type: 'llama3', rope_theta: theta, factor, ...LLAMA3 }
  return { rope_type: 'factors', rope_theta: theta, factors }
}
