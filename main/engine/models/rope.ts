import { GraftError } from '../errors'
import type { RopeConfig, RopeScaling } from '../nn'
import type { ConfigReader } from './config-reader'

/** Each kind of scaling by its `rope_type`, read from the object that describes it. */
const scalings: Readonly<Record<string, (object: ConfigReader, headDim: number) => RopeScaling>> = {
  linear: (object) => ({ type: 'linear', factor: object.number('factor') }),
  llama3: (object) => ({
    type: 'llama3',
    factor: object.number('factor'),
    lowFrequencyFactor: object.number('low_freq_factor'),
    highFrequencyFactor: object.number('high_freq_factor'),
    originalContext: object.number('original_max_position_embeddings'),
  }),
  // Our own, for what a GGUF file says: no config.json of the Hub has it.
  factors: (object, headDim) => ({ type: 'factors', factors: object.numbers('factors', headDim / 2) }),
}

/**
 * transformers 5 writes `rope_parameters`, transformers 4 `rope_theta` and `rope_scaling`; what the object says wins.
 * @throws GraftError `unsupported` for a scaling that would silently compute something else
 */
export function readRope(config: ConfigReader, headDim: number): RopeConfig {
  const object = config.object('rope_parameters') ?? config.object('rope_scaling')
  const theta = object?.has('rope_theta') ? object.number('rope_theta') : config.number('rope_theta', 10_000)
  const type = object?.text('rope_type', object.text('type', 'default')) ?? 'default'
  if (type === 'default' || !object) return { theta }
  const read = Object.hasOwn(scalings, type) ? scalings[type] : undefined
  if (read) return { theta, scaling: read(object, headDim) }
  const known = ['default', ...Object.keys(scalings)].join(', ')
  throw new GraftError(
    'unsupported',
    `config.json: rope_type: expected one of ${known}, got ${type}; this scaling is not computed yet`,
    { type },
  )
}

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
