import { describe, expect, it } from 'vitest'
import { defineModel } from '../../../main/engine/models'
import type { ModelConfig } from '../../../main/engine/nn'
import { tinyConfig } from './tiny-llama'

const read = (change: Record<string, unknown>): ModelConfig => defineModel({ ...tinyConfig, ...change }).config

describe('what a config.json leaves out', () => {
  it('is what transformers takes: as many key/value heads as heads, an untied head, no biases, θ 10000', () => {
    const { num_key_value_heads: _, ...rest } = tinyConfig
    expect(defineModel(rest).config).toEqual({
      family: 'llama',
      hiddenSize: 8,
      layers: 2,
      heads: 4,
      kvHeads: 4,
      headDim: 2,
      intermediateSize: 10,
      vocabSize: 11,
      contextLength: 2048,
      normEpsilon: 1e-6,
      tiedHead: false,
      rotations: { rope: { theta: 10_000 } },
      windows: [0, 0],
    })
  })

  it('may as well be null', () => {
    const absent = { head_dim: null, rope_scaling: null, rope_theta: null, tie_word_embeddings: null, hidden_act: null }
    expect(read(absent)).toEqual(read({}))
  })
})

it('what it says is taken as it is', () => {
  const said = { head_dim: 16, num_key_value_heads: 1, rms_norm_eps: 1e-5, max_position_embeddings: 131_072 }
  const flags = { tie_word_embeddings: true, attention_bias: true, mlp_bias: true }
  expect(read({ ...said, ...flags })).toMatchObject({
    headDim: 16,
    kvHeads: 1,
    normEpsilon: 1e-5,
    contextLength: 131_072,
    tiedHead: true,
  })
  const biases = defineModel({ ...tinyConfig, ...flags }).sites.map(({ bias }) => bias)
  expect(biases.every((bias) => bias?.endsWith('.bias'))).toBe(true)
})

describe('rotary parameters', () => {
  const llama3 = { factor: 8, low_freq_factor: 1, high_freq_factor: 4, original_max_position_embeddings: 8192 }
  const scaling = {
    type: 'llama3',
    factor: 8,
    lowFrequencyFactor: 1,
    highFrequencyFactor: 4,
    originalContext: 8192,
  }

  it.each([
    ['transformers 4', { rope_theta: 500_000, rope_scaling: { rope_type: 'llama3', ...llama3 } }],
    ['an older transformers 4', { rope_theta: 500_000, rope_scaling: { type: 'llama3', ...llama3 } }],
    ['transformers 5', { rope_parameters: { rope_type: 'llama3', rope_theta: 500_000, ...llama3 } }],
    [
      'both, of which the newer wins',
      {
        rope_theta: 10,
        rope_scaling: { rope_type: 'linear', factor: 2 },
        rope_parameters: { rope_type: 'llama3', rope_theta: 500_000, ...llama3 },
      },
    ],
    [
      'transformers 5 with the base frequency outside',
      { rope_theta: 500_000, rope_parameters: { rope_type: 'llama3', ...llama3 } },
    ],
  ])('are read as %s wrote them', (_, change) => {
    expect(read(change).rotations['rope']).toEqual({ theta: 500_000, scaling })
  })

  it('of the default type scale nothing', () => {
    expect(read({ rope_parameters: { rope_type: 'default', rope_theta: 7 } }).rotations['rope']).toEqual({ theta: 7 })
    expect(read({ rope_scaling: {} }).rotations['rope']).toEqual({ theta: 10_000 })
  })

  it('that are incomplete are told by name', () => {
    const { factor: _, ...rest } = llama3
    expect(() => read({ rope_scaling: { rope_type: 'llama3', ...rest } })).toThrow(
      'config.json: rope_scaling: factor: expected a number, got nothing; the file may be incomplete',
    )
  })
})

describe('a config.json that cannot be used says where, what was expected, what is there, and what to do', () => {
  it.each([
    [
      { model_type: 'mamba' },
      'architecture-unknown',
      'config.json: model_type: expected one of llama, mistral, smollm, qwen2, qwen3, gemma3_text, gpt2, got mamba; choose a model of one of these families',
    ],
    [
      { model_type: 'constructor' },
      'architecture-unknown',
      'config.json: model_type: expected one of llama, mistral, smollm, qwen2, qwen3, gemma3_text, gpt2, got constructor; choose a model of one of these families',
    ],
    [
      { model_type: undefined },
      'architecture-unknown',
      'config.json: model_type: expected one of llama, mistral, smollm, qwen2, qwen3, gemma3_text, gpt2, got nothing; choose a model of one of these families',
    ],
    [
      { hidden_act: 'gelu' },
      'unsupported',
      /^config\.json: hidden_act: expected one of silu, .*gelu_pytorch_tanh.*, got gelu; .+/,
    ],
    [
      { rope_scaling: { rope_type: 'yarn', factor: 4 } },
      'unsupported',
      /^config\.json: rope_type: expected .*default.*linear.*llama3.*, got yarn; .+/,
    ],
    [
      { hidden_size: undefined },
      'config-invalid',
      'config.json: hidden_size: expected a number, got nothing; the file may be incomplete',
    ],
    [{ vocab_size: '32000' }, 'config-invalid', /^config\.json: vocab_size: expected a number, got "32000"; .+/],
    [
      { num_hidden_layers: 2.5 },
      'config-invalid',
      /^config\.json: num_hidden_layers: expected a positive integer, got 2\.5; .+/,
    ],
    [
      { num_attention_heads: 3, num_key_value_heads: 3 },
      'config-invalid',
      /^config\.json: head_dim: expected a positive integer, got 2\.666\d+; .+/,
    ],
    [
      { tie_word_embeddings: 'yes' },
      'config-invalid',
      /^config\.json: tie_word_embeddings: expected true or false, got "yes"; .+/,
    ],
    [{ hidden_act: 7 }, 'config-invalid', /^config\.json: hidden_act: expected a text, got 7; .+/],
    [{ rope_scaling: [2] }, 'config-invalid', /^config\.json: rope_scaling: expected an object, got \[2\]; .+/],
  ])('%j', (change, code, message) => {
    const attempt = (): unknown => read(change)
    expect(attempt).toThrow(expect.objectContaining({ name: 'GraftError', code }))
    expect(attempt).toThrow(message)
  })

  it.each([
    [{ num_key_value_heads: 3 }, /num_key_value_heads: expected .+, got 3; .+/],
    [{ head_dim: 3 }, /head_dim: expected .+, got 3; .+/],
  ])('%j, heads that cannot be shared or rotated', (change, message) => {
    const attempt = (): unknown => read(change)
    expect(attempt).toThrow(expect.objectContaining({ code: 'config-invalid' }))
    expect(attempt).toThrow(message)
  })
})
