import { GraftError } from '../../errors'
import type { RopeConfig, RopeScaling } from '../../nn'
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
  return readRotation(object, config.number('rope_theta', 10_000), headDim)
}

/** One rotation from the object that describes it. @param fallback θ where the object says none */
export function readRotation(object: ConfigReader | undefined, fallback: number, headDim: number): RopeConfig {
  const theta = object?.number('rope_theta', fallback) ?? fallback
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
