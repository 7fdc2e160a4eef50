import type { Shape } from '../../../main/engine/graph'
import { f32, i32, type Row } from './case-row'
import { listed } from './fills'

interface AttentionCase {
  readonly name: string
  readonly batch: number
  readonly heads: number
  readonly kvHeads: number
  readonly headDim: number
  /** What each query of one sequence sees; every sequence sees the same. */
  readonly first: readonly number[]
  readonly last: readonly number[]
  readonly keys: number
  /** Whether the promise `causal` is given; by default where queries and keys are as many and no range breaks it. */
  readonly causal?: boolean
  /** Keys in front of each sequence, which `keys` does not count. */
  readonly prefix?: number
  readonly window?: number
}

function longAttention(name: string, firstOf: (t: number) => number): AttentionCase {
  const places = Array.from({ length: 133 }, (_, t) => t)
  return { name, batch: 2, heads: 2, kvHeads: 1, headDim: 4, first: places.map(firstOf), last: places, keys: 133 }
}

const attentionCases: readonly AttentionCase[] = [
  {
    name: 'causal',
    batch: 1,
    heads: 2,
    kvHeads: 2,
    headDim: 4,
    first: [0, 0, 0, 0, 0],
    last: [0, 1, 2, 3, 4],
    keys: 5,
  },
  {
    name: 'grouped, batch of 2',
    batch: 2,
    heads: 4,
    kvHeads: 2,
    headDim: 3,
    first: [0, 0, 0],
    last: [0, 1, 2],
    keys: 3,
  },
  { name: 'packed documents', batch: 1, heads: 3, kvHeads: 1, headDim: 2, first: [0, 0, 2, 2, 2, 5], last: [0, 1, 2, 3, 4, 5], keys: 6 }, // prettier-ignore
  {
    name: 'window, batch of 3',
    batch: 3,
    heads: 2,
    kvHeads: 1,
    headDim: 4,
    first: [0, 0, 1, 2],
    last: [0, 1, 2, 3],
    keys: 4,
  },
  {
    name: 'one query, partly filled cache',
    batch: 2,
    heads: 6,
    kvHeads: 3,
    headDim: 5,
    first: [1],
    last: [4],
    keys: 7,
  },
  // Long enough that a back end works through it in several pieces, whose sizes are not equal.
  longAttention('long causal', () => 0),
  longAttention('long packed documents', (t) => (t < 40 ? 0 : t < 129 ? 40 : 129)),
  longAttention('long window', (t) => Math.max(0, t - 11)),
  {
    name: 'a prefix',
    batch: 2,
    heads: 4,
    kvHeads: 2,
    headDim: 3,
    first: [0, 0, 1, 1],
    last: [0, 1, 2, 3],
    keys: 4,
    prefix: 3,
  },
  { ...longAttention('long, with a prefix and a window', () => 0), prefix: 5, window: 40 },
  { ...longAttention('packed, with a prefix and a window', (t) => (t < 60 ? 0 : 60)), prefix: 7, window: 20 },
  { name: 'a prefix before a partly filled cache', batch: 1, heads: 2, kvHeads: 1, headDim: 4, first: [1, 1], last: [3, 0], keys: 6, prefix: 2, window: 2 }, // prettier-ignore
  { name: 'both directions', batch: 1, heads: 1, kvHeads: 1, headDim: 8, first: [0, 0, 0], last: [2, 2, 2], keys: 3 },
]

export const attention: readonly Row<'attention'>[] = attentionCases.map((c) => {
  const queries = c.batch * c.first.length
  const { prefix = 0, window = 0 } = c
  const kv: Shape = [c.batch * (prefix + c.keys), c.kvHeads * c.headDim]
  return {
    name: c.name,
    inputs: [
      f32([queries, c.heads * c.headDim]),
      f32(kv),
      f32(kv),
      i32([queries], listed(...c.first)),
      i32([queries], listed(...c.last)),
    ],
    attributes: {
      batch: c.batch,
      heads: c.heads,
      kvHeads: c.kvHeads,
      scale: 1 / Math.sqrt(c.headDim),
      causal: c.causal ?? (c.keys === c.first.length && c.last.every((last, t) => last <= t)),
      prefix,
      window,
    },
  }
})
