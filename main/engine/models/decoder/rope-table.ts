import type { RopeConfig, RopeScaling } from '../../nn'

type Scale<S> = (scaling: S, frequency: number, index: number) => number

const scale: { readonly [T in RopeScaling['type']]: Scale<Extract<RopeScaling, { type: T }>> } = {
  linear: ({ factor }, frequency) => frequency / factor,
  /** Short wavelengths stay, long ones are stretched by `factor`, those between are blended. */
  llama3({ factor, lowFrequencyFactor: low, highFrequencyFactor: high, originalContext }, frequency) {
    const wavelength = (2 * Math.PI) / frequency
    if (wavelength < originalContext / high) return frequency
    if (wavelength > originalContext / low) return frequency / factor
    const blend = (originalContext / wavelength - low) / (high - low)
    return ((1 - blend) * frequency) / factor + blend * frequency
  },
  factors: ({ factors }, frequency, index) => frequency / (factors[index] ?? 1),
}

function scaled(frequency: number, index: number, { scaling }: RopeConfig): number {
  if (!scaling) return frequency
  return (scale[scaling.type] as Scale<RopeScaling>)(scaling, frequency, index)
}

/** frequency i is θ^(−2i / headDim) before it is scaled, [headDim / 2] */
const plainFrequencies = ({ theta }: RopeConfig, headDim: number): number[] =>
  Array.from({ length: headDim / 2 }, (_, i) => theta ** ((-2 * i) / headDim))

/** By what each frequency is divided, [headDim / 2]; undefined where one number says it all: no scaling, or a linear one. */
export function ropeDivisors(rope: RopeConfig, headDim: number): Float32Array | undefined {
  if (!rope.scaling || rope.scaling.type === 'linear') return undefined
  return Float32Array.from(plainFrequencies(rope, headDim), (frequency, i) => frequency / scaled(frequency, i, rope))
}

/** cos or sin of position × scaled frequency, [positions, headDim / 2]. */
export function ropeTable(rope: RopeConfig, headDim: number, positions: number, part: 'cos' | 'sin'): Float32Array {
  const half = headDim / 2
  const frequencies = plainFrequencies(rope, headDim).map((frequency, i) => scaled(frequency, i, rope))
  const table = new Float32Array(positions * half)
  for (let p = 0; p < positions; p++)
    for (let i = 0; i < half; i++) table[p * half + i] = Math[part](p * (frequencies[i] as number))
  return table
}
