import { GraftError } from '../errors'
import type { RopeConfig } from '../nn'
import type { ConfigReader } from './config-reader'

/**
 * transformers 5 writes `rope_parameters`, transformers 4 `rope_theta` and `rope_scaling`; what the object says wins.
 * @throws GraftError `unsupported` for a scaling that would silently compute something else
 */
export function readRope(config: ConfigReader): RopeConfig {
  const object = config.object('rope_parameters') ?? config.object('rope_scaling')
  const theta = object?.has('rope_theta') ? object.number('rope_theta') : config.number('rope_theta', 10_000)
  const type = object?.text('rope_type', object.text('type', 'default')) ?? 'default'
  if (type === 'default' || !object) return { theta }
  if (type !== 'llama3' && type !== 'linear')
    throw new GraftError(
      'unsupported',
      `config.json: rope_type: expected default, linear or llama3, got ${type}; this scaling is not computed yet`,
      {
        type,
      },
    )
  const llama3 = type === 'llama3'
  return {
    theta,
    scaling: {
      type,
      factor: object.number('factor'),
      lowFrequencyFactor: llama3 ? object.number('low_freq_factor') : 1,
      highFrequencyFactor: llama3 ? object.number('high_freq_factor') : 1,
      originalContext: llama3 ? object.number('original_max_position_embeddings') : 1,
    },
  }
}

/** Llama 3.1: short wavelengths stay, long ones are stretched by `factor`, those between are blended. */
function scaled(frequency: number, { scaling }: RopeConfig): number {
  if (!scaling) return frequency
  const { factor, lowFrequencyFactor: low, highFrequencyFactor: high, originalContext } = scaling
  if (scaling.type === 'linear') return frequency / factor
  const wavelength = (2 * Math.PI) / frequency
  if (wavelength < originalContext / high) return frequency
  if (wavelength > originalContext / low) return frequency / factor
  const blend = (originalContext / wavelength - low) / (high - low)
  return ((1 - blend) * frequency) / factor + blend * frequency
}

/** cos or sin of position × frequency, [positions, headDim / 2]; frequency i is θ^(−2i / headDim), scaled. */
export function ropeTable(rope: RopeConfig, headDim: number, positions: number, part: 'cos' | 'sin'): Float32Array {
  const half = headDim / 2
  const frequencies = Array.from({ length: half }, (_, i) => scaled(rope.theta ** ((-2 * i) / headDim), rope))
  const table = new Float32Array(positions * half)
  for (let p = 0; p < positions; p++)
    for (let i = 0; i < half; i++) table[p * half + i] = Math[part](p * (frequencies[i] as number))
  return table
}
