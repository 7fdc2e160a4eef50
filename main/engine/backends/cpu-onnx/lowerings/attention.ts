import type { AttentionAttributes } from '../../../graph'
import type { Emitter, Term } from '../emitter'
import { binary } from './elementwise'
import { join, padded } from './layout'
import { size, term, type Lowering } from './lowering'

/**
 * onnxruntime's fused rotation. It takes one table row per position of a sequence; here all token rows are one sequence
 * that starts at offset 0, since every row brings its own cos and sin.
 */
export const rope: Lowering<'rope'> = (e, inputs, { heads, inverse }) => {
  const [x, cos, sin] = [term(inputs, 0), term(inputs, 1), term(inputs, 2)]
  const sequence = [1, size(x, 0), size(x, 1)]
  const angle = inverse ? e.emit('Neg', [sin], sin.shape) : sin
  const operands = [e.reshape(x, sequence), e.constant('int64', [0], [1]), cos, angle]
  const options = { attributes: { num_heads: heads }, domain: 'com.microsoft' as const }
  return [e.reshape(e.emit('RotaryEmbedding', operands, sequence, options), x.shape)]
}

interface MatmulOptions {
  readonly transA?: boolean
  readonly transB?: boolean
  readonly alpha?: number
}

/** Batched product of the last two axes; transpositions and the factor cost nothing. */
function matmul(e: Emitter, a: Term, b: Term, { transA, transB, alpha = 1 }: MatmulOptions = {}): Term {
  const shape = [...a.shape.slice(0, -2), size(a, transA ? 3 : 2), size(b, transB ? 2 : 3)]
  const attributes = { transA: transA ? 1 : 0, transB: transB ? 1 : 0, alpha: { float: alpha } }
  return e.emit('FusedMatMul', [a, b], shape, { attributes, domain: 'com.microsoft' })
}

/** Queries `from` to `to` (not included) of every sequence, which see none but the first `keys` keys, prefix included. */
interface Block {
  readonly from: number
  readonly to: number
  readonly keys: number
}

/** Fewest queries that are worth a block of their own; measured at 256 tokens: two save more than they cost, four as much again. */
const BLOCK = 64
const MOST_BLOCKS = 4

/** Causal attention in blocks of queries: the first need not look at the last keys at all. */
function blocksOf(queries: number, keys: number, { causal, prefix }: AttentionAttributes): readonly Block[] {
  const count =
    causal && queries + prefix === keys ? Math.min(MOST_BLOCKS, Math.max(1, Math.floor(queries / BLOCK))) : 1
  const bound = (i: number): number => Math.round((i * queries) / count)
  return Array.from({ length: count }, (_, i) => ({
    from: bound(i),
    to: bound(i + 1),
    keys: count === 1 ? keys : prefix + bound(i + 1),
  }))
}

/** All that forward and backward share; asked for twice, written once. */
function layout(e: Emitter, inputs: readonly Term[], a: AttentionAttributes) {
  const [q, k, v, first, last] = inputs as readonly [Term, Term, Term, Term, Term]
  const { batch, heads, kvHeads } = a
  const [queries, keys] = [size(q, 0) / batch, size(k, 0) / batch]
  const group = heads / kvHeads
  const splitK = (x: Term): Term =>
    e.transpose(e.reshape(x, [batch, keys, kvHeads, size(x, 1) / kvHeads]), [0, 2, 1, 3])
  // Heads that share a key/value head are stacked as rows: no key or value is repeated in memory.
  const queriesOf = (x: Term, { from, to }: Block): Term => {
    const width = size(x, 1) / heads
    const part = e.slice(e.reshape(x, [batch, queries, heads, width]), 1, from, to)
    return e.reshape(e.transpose(part, [0, 2, 1, 3]), [batch, kvHeads, group * (to - from), width])
  }
  return {
    blocks: blocksOf(queries, keys, a),
    queriesOf,
    keysOf: (x: Term, block: Block): Term => e.slice(splitK(x), 2, 0, block.keys),
    rangeOf: (x: Term, { from, to }: Block): Term =>
      e.reshape(e.slice(e.reshape(x, [batch, queries]), 1, from, to), [batch, 1, to - from, 1]),
    /** Undoes `queriesOf`, all blocks in order. */
    joinQueries: (parts: readonly Term[], blocks: readonly Block[]): Term => {
      const rows = parts.map((part, i) => {
        const { from, to } = blocks[i] as Block
        return e.transpose(e.reshape(part, [batch, heads, to - from, size(part, 3)]), [0, 2, 1, 3])
      })
      return e.reshape(join(e, rows, 1), q.shape)
    },
    /** The sum over blocks of what each gives to its keys. */
    joinKeys: (parts: readonly Term[]): Term => {
      const full = parts.map((part) => padded(e, part, 2, 0, keys - size(part, 2)))
      return e.reshape(
        e.transpose(
          full.reduce((sum, part) => binary(e, 'Add', sum, part)),
          [0, 2, 1, 3],
        ),
        k.shape,
      )
    },
    q,
    k,
    v,
    first,
    last,
  }
}

type Layout = ReturnType<typeof layout>

/** 0 where a query may look, a large negative number elsewhere (finite: −∞ turns an empty row into NaN). */
const maskOf = (e: Emitter, visible: Term): Term =>
  e.emit('Where', [visible, e.constant('float', [0]), e.constant('float', [-1e9])], visible.shape)

const counting = (e: Emitter, from: number, count: number): Term =>
  e.constant(
    'int32',
    Array.from({ length: count }, (_, i) => from + i),
    [1, 1, 1, count],
  )

function additiveMask(e: Emitter, l: Layout, block: Block, { batch, prefix, window }: AttentionAttributes): Term {
  const keys = block.keys - prefix
  const [rows, index] = [[batch, 1, block.to - block.from], counting(e, 0, keys)]
  const [first, last] = [l.rangeOf(l.first, block), l.rangeOf(l.last, block)]
  const from = window > 0 ? e.emit('Max', [first, windowStart(e, last, window)], last.shape) : first
  const notBefore = e.emit('GreaterOrEqual', [index, from], [...rows, keys])
  const notAfter = e.emit('LessOrEqual', [index, last], [...rows, keys])
  const mask = maskOf(e, e.emit('And', [notBefore, notAfter], [...rows, keys]))
  if (prefix === 0 || window === 0) return padded(e, mask, 3, prefix, 0)
  // Keys of the prefix are those before the first one.
  const place = e.emit('Add', [first, counting(e, -prefix, prefix)], [...rows, prefix])
  const seen = e.emit('GreaterOrEqual', [place, windowStart(e, last, window)], [...rows, prefix])
  return join(e, [maskOf(e, seen), mask], 3)
}

const windowStart = (e: Emitter, last: Term, window: number): Term =>
  e.emit('Sub', [last, e.constant('int32', [window - 1])], last.shape)

function probabilities(e: Emitter, l: Layout, block: Block, attributes: AttentionAttributes): Term {
  const { batch, heads, scale } = attributes
  const scores = matmul(e, l.queriesOf(l.q, block), l.keysOf(l.k, block), { transB: true, alpha: scale })
  const perHead = e.reshape(scores, [batch, heads, block.to - block.from, block.keys])
  const masked = binary(e, 'Add', perHead, additiveMask(e, l, block, attributes))
  const p = e.emit('Softmax', [masked], masked.shape, { attributes: { axis: -1 } })
  return e.reshape(p, scores.shape)
}

export const attention: Lowering<'attention'> = (e, inputs, attributes) => {
  const l = layout(e, inputs, attributes)
  const parts = l.blocks.map((block) => matmul(e, probabilities(e, l, block, attributes), l.keysOf(l.v, block)))
  return [l.joinQueries(parts, l.blocks)]
}

/** dv = pᵀ do;  ds = p ⊙ (do vᵀ − rowsum(do ⊙ o));  dq = scale · ds k;  dk = scale · dsᵀ q */
export const attentionGrad: Lowering<'attentionGrad'> = (e, inputs, attributes) => {
  const l = layout(e, inputs.slice(1), attributes)
  const [dout, out] = [term(inputs, 0), term(inputs, 6)]
  const { heads, scale } = attributes
  const perHead = e.reshape(binary(e, 'Mul', dout, out), [size(dout, 0), heads, size(dout, 1) / heads])
  const rowSum = e.reshape(e.sum(perHead, [2]), [size(dout, 0), heads])
  const parts = l.blocks.map((block) => {
    const [p, k, v] = [probabilities(e, l, block, attributes), l.keysOf(l.k, block), l.keysOf(l.v, block)]
    const [q, dy] = [l.queriesOf(l.q, block), l.queriesOf(dout, block)]
    const dp = matmul(e, dy, v, { transB: true })
    const ds = binary(e, 'Mul', p, binary(e, 'Sub', dp, l.queriesOf(rowSum, block)))
    return {
      dq: matmul(e, ds, k, { alpha: scale }),
      dk: matmul(e, ds, q, { transA: true, alpha: scale }),
      dv: matmul(e, p, dy, { transA: true }),
    }
  })
  const dq = l.joinQueries(
    parts.map((part) => part.dq),
    l.blocks,
  )
  return [dq, l.joinKeys(parts.map((part) => part.dk)), l.joinKeys(parts.map((part) => part.dv))]
}
