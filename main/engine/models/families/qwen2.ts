import type { ModelBody } from '../../nn'
import type { ConfigReader } from '../config/config-reader'
import { readActivation, readDecoder } from '../config/read-decoder'
import { readRope } from '../config/read-rope'
import { gatedDecoder } from '../decoder/gated-decoder'
import { ATTENTION_INPUTS, preNorm } from '../decoder/pre-norm'
import { classesOf, type ModelFamily } from './family'
import { readUpperWindows } from './qwen-windows'

/** Llama's block with biases on queries, keys and values (Yang et al. 2024). */
function define(config: ConfigReader): ModelBody {
  const shared = readDecoder(config, 'qwen2', { contextLength: 32_768, kvHeads: 32, tiedHead: false })
  const rotations = { rope: readRope(config, shared.headDim) }
  const windows = readUpperWindows(config, shared.layers)
  return gatedDecoder({
    ...preNorm({ ...shared, rotations, windows }),
    activation: readActivation(config, 'hidden_act', 'silu'),
    biases: ATTENTION_INPUTS,
  })
}

export const qwen2: ModelFamily = { classes: classesOf('Qwen2'), define }
