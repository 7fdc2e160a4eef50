import type { ModelConfig, RenamedPrefix } from '../../nn'
import type { GatedDecoder } from './gated-decoder'

/** Modules of a layer that have a bias where a family's files ask for it. */
export const ATTENTION_INPUTS = ['self_attn.q_proj', 'self_attn.k_proj', 'self_attn.v_proj'] as const
export const ATTENTION = [...ATTENTION_INPUTS, 'self_attn.o_proj'] as const
export const MLP = ['mlp.gate_proj', 'mlp.up_proj', 'mlp.down_proj'] as const

/** Saved from the class without a head, names lack their beginning. */
export const HEADLESS: readonly RenamedPrefix[] = [{ own: 'model.', file: '' }]

/** Llama's own block: one norm before each sublayer, one rotation, no biases; other families change a few of these. */
export function preNorm(config: ModelConfig): GatedDecoder {
  const [rotation = ''] = Object.keys(config.rotations)
  return {
    config,
    activation: 'silu',
    biases: [],
    norms: { attention: { before: 'input_layernorm' }, mlp: { before: 'post_attention_layernorm' } },
    normOffset: 0,
    headNorms: false,
    scoreScale: 1 / Math.sqrt(config.headDim),
    embeddingScale: 1,
    rotationOf: () => rotation,
    renamedPrefixes: HEADLESS,
  }
}
