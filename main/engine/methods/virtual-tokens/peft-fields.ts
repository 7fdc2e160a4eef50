import { GraftError } from '../../errors'
import type { ModelConfig } from '../../nn'
import { prefixWidth } from './key-value-prefix'

type Json = Readonly<Record<string, unknown>>

/** Fields that every prompt method of PEFT has. What PEFT calls the number of heads is what divides `token_dim`. */
const common = (tokens: number, config: ModelConfig, tokenDim: number, heads: number): Json => ({
  num_virtual_tokens: tokens,
  num_transformer_submodules: 1,
  num_layers: config.layers,
  num_attention_heads: heads,
  token_dim: tokenDim,
})

/** Of prompts at the input: a virtual token is as wide as an embedding. */
export const promptFields = (tokens: number, config: ModelConfig): Json =>
  common(tokens, config, config.hiddenSize, config.heads)

/** Of prefixes: a virtual token is as wide as a layer's keys, which under grouped queries is less than an embedding. */
export const prefixFields = (tokens: number, config: ModelConfig): Json =>
  common(tokens, config, prefixWidth(config), config.kvHeads)

/** @throws GraftError `config-invalid`, or `unsupported` for a model with an encoder and a decoder */
export function readVirtualTokens(config: Json): number {
  const submodules = config['num_transformer_submodules'] ?? 1
  if (submodules !== 1) {
    const message = `adapter_config.json: num_transformer_submodules: expected 1, got ${JSON.stringify(submodules)}; the adapter is for a model with an encoder and a decoder, which cannot be loaded`
    throw new GraftError('unsupported', message, { fields: ['num_transformer_submodules'] })
  }
  const tokens = config['num_virtual_tokens']
  if (typeof tokens === 'number' && Number.isInteger(tokens) && tokens > 0) return tokens
  const message = `adapter_config.json: num_virtual_tokens: expected a whole number from 1, got ${JSON.stringify(tokens)}; get the adapter again`
  throw new GraftError('config-invalid', message, { field: 'num_virtual_tokens' })
}
