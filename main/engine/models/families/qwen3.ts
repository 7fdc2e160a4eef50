import type { ModelBody } from '../../nn'
import type { ConfigReader } from '../config/config-reader'
import { readActivation, readDecoder } from '../config/read-decoder'
import { readRope } from '../config/read-rope'
import { gatedDecoder } from '../decoder/gated-decoder'
import { ATTENTION, preNorm } from '../decoder/pre-norm'
import { classesOf, type ModelFamily } from './family'
import { readUpperWindows } from './qwen-windows'

/** Llama's block with norms on the heads of queries and keys, and heads whose width is the file's own (Yang et al. 2025). */
function define(config: ConfigReader): ModelBody {
  const defaults = { contextLength: 32_768, kvHeads: 32, headDim: 128, tiedHead: false }
  const shared = readDecoder(config, 'qwen3', defaults)
  const rotations = { rope: readRope(config, shared.headDim) }
  const windows = readUpperWindows(config, shared.layers)
  return gatedDecoder({
    ...preNorm({ ...shared, rotations, windows }),
    activation: readActivation(config, 'hidden_act', 'silu'),
    biases: config.boolean('attention_bias', false) ? ATTENTION : [],
    headNorms: true,
  })
}

export const qwen3: ModelFamily = { classes: classesOf('Qwen3'), define }
