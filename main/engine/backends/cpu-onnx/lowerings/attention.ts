import type { AttentionAttributes } from '../../../graph'
import type { Emitter, Term } from '../emitter'
import { binary } from './elementwise'
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

/** All that forward and backward share; asked for twice, written once. */
function layout(e: Emitter, inputs: readonly Term[], a: AttentionAttributes) {
  const [q, k, v, first, last] = inputs as readonly [Term, Term, Term, Term, Term]
  const { batch, heads, kvHeads } = a
  const [queries, keys] = [size(q, 0) / batch, size(k, 0) / batch]
  const [group, width] = [heads / kvHeads, size(q, 1) / heads]
  // Heads that share a key/value head are stacked as rows: no key or value is repeated in memory.
  const stacked = [batch, kvHeads, group * queries, width]
  const splitQ = (x: Term): Term =>
    e.reshape(e.transpose(e.reshape(x, [batch, queries, heads, width]), [0, 2, 1, 3]), stacked)
  const joinQ = (x: Term): Term =>
    e.reshape(e.transpose(e.reshape(x, [batch, heads, queries, width]), [0, 2, 1, 3]), q.shape)
  const splitK = (x: Term): Term => e.transpose(e.reshape(x, [batch, keys, kvHeads, width]), [0, 2, 1, 3])
  const joinK = (x: Term): Term => e.reshape(e.transpose(x, [0, 2, 1, 3]), k.shape)
  return { q: splitQ(q), k: splitK(k), v: splitK(v), first, last, queries, keys, group, splitQ, joinQ, joinK }
}

type Layout = ReturnType<typeof layout>

/** 0 where a query may look, a large negative number elsewhere (finite: −∞ turns an empty row into NaN). */
function additiveMask(e: Emitter, { first, last, queries, keys }: Layout, batch: number): Term {
  const index = e.constant(
    'int32',
    Array.from({ length: keys }, (_, i) => i),
    [1, 1, 1, keys],
  )
  const column = (x: Term): Term => e.reshape(x, [batch, 1, queries, 1])
  const shape = [batch, 1, queries, keys]
  const notBefore = e.emit('GreaterOrEqual', [index, column(first)], shape)
  const notAfter = e.emit('LessOrEqual', [index, column(last)], shape)
  const visible = e.emit('And', [notBefore, notAfter], shape)
  return e.emit('Where', [visible, e.constant('float', [0]), e.constant('float', [-1e9])], shape)
}

function probabilities(e: Emitter, l: Layout, { batch, heads, kvHeads, scale }: AttentionAttributes): Term {
  const { queries, keys, group } = l
  const scores = e.reshape(matmul(e, l.q, l.k, { transB: true, alpha: scale }), [batch, heads, queries, keys])
  const masked = binary(e, 'Add', scores, additiveMask(e, l, batch))
  const p = e.emit('Softmax', [masked], masked.shape, { attributes: { axis: -1 } })
  return e.reshape(p, [batch, kvHeads, group * queries, keys])
}

export const attention: Lowering<'attention'> = (e, inputs, attributes) => {
  const l = layout(e, inputs, attributes)
  return [l.joinQ(matmul(e, probabilities(e, l, attributes), l.v))]
}

/** dv = pᵀ do;  ds = p ⊙ (do vᵀ − rowsum(do ⊙ o));  dq = scale · ds k;  dk = scale · dsᵀ q */
export const attentionGrad: Lowering<'attentionGrad'> = (e, inputs, attributes) => {
  const l = layout(e, inputs.slice(1), attributes)
  const dout = l.splitQ(term(inputs, 0))
  const p = probabilities(e, l, attributes)
  const out = matmul(e, p, l.v)
  const rowSum = e.sum(binary(e, 'Mul', dout, out), [3])
  const dp = matmul(e, dout, l.v, { transB: true })
  const ds = binary(e, 'Mul', p, binary(e, 'Sub', dp, rowSum))
  const { scale } = attributes
  const dq = matmul(e, ds, l.k, { alpha: scale })
  const dk = matmul(e, ds, l.q, { transA: true, alpha: scale })
  const dv = matmul(e, p, dout, { transA: true })
  return [l.joinQ(dq), l.joinK(dk), l.joinK(dv)]
}
