import { describe, expect, it } from 'vitest'
import { defineModel } from '../../../main/engine/models'

const base = {
  model_type: 'llama',
  hidden_size: 16,
  intermediate_size: 24,
  num_hidden_layers: 1,
  num_attention_heads: 2,
  vocab_size: 10,
}
const tables = (rope: object | undefined): Float32Array[] =>
  defineModel({ ...base, ...(rope && { rope_parameters: rope }) })
    .constants(32)
    .map(({ make }) => make())

describe('rotary frequencies with a divisor each', () => {
  it('turn as many times slower', () => {
    const factors = [1, 2, 4, 8]
    const [cos, sin] = tables({ rope_type: 'factors', rope_theta: 100, factors })
    for (const [i, factor] of factors.entries()) {
      const angle = (31 * 100 ** (-i / 4)) / factor
      expect(cos![31 * 4 + i]).toBeCloseTo(Math.cos(angle), 6)
      expect(sin![31 * 4 + i]).toBeCloseTo(Math.sin(angle), 6)
    }
  })

  it('are a linear scaling where all are equal, and none where they are 1', () => {
    const linear = { rope_type: 'linear', rope_theta: 10_000, factor: 4 }
    expect(tables({ rope_type: 'factors', factors: [4, 4, 4, 4] })).toEqual(tables(linear))
    expect(tables({ rope_type: 'factors', factors: [1, 1, 1, 1] })).toEqual(tables(undefined))
  })

  it.each([[undefined], [[1, 2]], [[1, 2, 3, 0]], [[1, 2, 3, -1]], [[1, 2, 3, '4']], [[1, 2, 3, Infinity]], [4]])(
    'are refused where they are %j',
    (factors) => {
      expect(() => tables({ rope_type: 'factors', factors })).toThrow(/factors: expected 4 positive numbers, got /)
    },
  )
})
