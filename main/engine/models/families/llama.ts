import type { ModelBody } from '../../nn'
import type { ConfigReader } from '../config/config-reader'
import { readActivation, readDecoder, readWindows } from '../config/read-decoder'
import { readRope } from '../config/read-rope'
import { gatedDecoder } from '../decoder/gated-decoder'
import { ATTENTION, MLP, preNorm } from '../decoder/pre-norm'
import { classesOf, type ModelFamily } from './family'

/** Pre-norm decoder with rotary grouped-query attention and a gated MLP (Touvron et al. 2023). In Mistral every layer slides. */
function define(config: ConfigReader): ModelBody {
  const shared = readDecoder(config, 'llama', { contextLength: 2048, tiedHead: false })
  const window = config.has('sliding_window') ? config.integer('sliding_window') : 0
  const rotations = { rope: readRope(config, shared.headDim) }
  const windows = readWindows(config, shared.layers, window, () => true)
  return gatedDecoder({
    ...preNorm({ ...shared, rotations, windows }),
    activation: readActivation(config, 'hidden_act', 'silu'),
    biases: [
      ...(config.boolean('attention_bias', false) ? ATTENTION : []),
      ...(config.boolean('mlp_bias', false) ? MLP : []),
    ],
  })
}

export const llama: ModelFamily = { classes: classesOf('Llama'), define }
export const mistral: ModelFamily = { classes: classesOf('Mistral'), define }
