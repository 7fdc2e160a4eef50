import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { planShards, shardIndexText } from '../../../main/engine/checkpoint'
import { tensorBytes } from '../../../main/engine/tensor'

const u8 = (name: string, bytes: number) => ({ name, dtype: 'U8' as const, shape: [bytes] })
const layout = (sizes: number[], limit: number): string[][] =>
  planShards(
    sizes.map((size, i) => u8(`t${i}`, size)),
    limit,
  ).map(({ tensors }) => tensors.map(({ name }) => name))

describe('shards', () => {
  it('keep the order and start anew where the limit would be passed', () => {
    expect(layout([4, 6, 1, 9, 2], 10)).toEqual([['t0', 't1'], ['t2', 't3'], ['t4']])
  })

  it('give a tensor over the limit a file of its own', () => {
    expect(layout([4, 11, 6], 10)).toEqual([['t1'], ['t0', 't2']])
  })

  it('number their files, unless there is only one', () => {
    expect(planShards([u8('a', 9), u8('b', 9)], 10).map(({ file }) => file)).toEqual([
      'model-00001-of-00002.safetensors',
      'model-00002-of-00002.safetensors',
    ])
    expect(planShards([u8('a', 10)], 10).map(({ file }) => file)).toEqual(['model.safetensors'])
    expect(planShards([], 10)).toEqual([{ file: 'model.safetensors', tensors: [] }])
  })

  it('hold every tensor once, within the limit unless alone', () => {
    const sizes = fc.array(fc.nat(30), { maxLength: 30 })
    fc.assert(
      fc.property(sizes, fc.integer({ min: 1, max: 40 }), (list, limit) => {
        const shards = planShards(
          list.map((size, i) => u8(`t${i}`, size)),
          limit,
        )
        const names = shards.flatMap(({ tensors }) => tensors.map(({ name }) => name))
        expect(names.toSorted()).toEqual(list.map((_, i) => `t${i}`).toSorted())
        for (const { tensors } of shards) {
          const bytes = tensors.reduce((sum, { dtype, shape }) => sum + tensorBytes(dtype, shape), 0)
          expect(bytes <= limit || tensors.length === 1).toBe(true)
        }
      }),
    )
  })

  it('refuse a limit that no tensor fits', () => {
    expect(() => planShards([], 0)).toThrow(/size limit above 0, got 0/)
    expect(() => planShards([], NaN)).toThrow(/size limit/)
  })
})

it('writes the index as other tools do', () => {
  const b = { name: 'b', dtype: 'F16' as const, shape: [2, 3] }
  expect(shardIndexText(planShards([b, u8('a', 12)], 12))).toBe(`{
  "metadata": {
    "total_parameters": 18,
    "total_size": 24
  },
  "weight_map": {
    "a": "model-00002-of-00002.safetensors",
    "b": "model-00001-of-00002.safetensors"
  }
}
`)
})
