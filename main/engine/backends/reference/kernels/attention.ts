import type { AttentionAttributes } from '../../../graph'
import { addScaled, columns, dot, logSumExp, rows, type Kernel, type Numbers, type Tensor } from './kernel'

/** What one head of one query sees. Offsets are those of a head's D numbers in q, and in k and v. */
interface HeadView {
  readonly query: number
  readonly keys: readonly number[]
  /** softmax(scale · q kᵀ) over `keys`. */
  readonly p: readonly number[]
}

/** The keys of its sequence that query n sees, in order. */
function seenKeys(first: number, last: number, { prefix, window }: AttentionAttributes): number[] {
  const start = window > 0 ? last - window + 1 : -Infinity
  const from = Math.max(first, start)
  const own = Array.from({ length: Math.max(0, last - from + 1) }, (_, j) => prefix + from + j)
  // Key j of the prefix stands where first − prefix + j would be.
  return [...Array.from(Array(prefix).keys()).filter((j) => first - prefix + j >= start), ...own]
}

/** Every head of every query in turn. An empty range sees nothing: its output and its gradients are 0. */
function* headViews(q: Tensor, k: Tensor, first: Tensor, last: Tensor, a: AttentionAttributes): Generator<HeadView> {
  const headDim = columns(q) / a.heads
  const [queriesEach, keysEach] = [rows(q) / a.batch, rows(k) / a.batch]
  for (let n = 0; n < rows(q); n++)
    for (let h = 0; h < a.heads; h++) {
      const sequenceStart = Math.floor(n / queriesEach) * keysEach
      const kvHead = Math.floor(h / (a.heads / a.kvHeads))
      const query = (n * a.heads + h) * headDim
      const keys = seenKeys(first.data[n]!, last.data[n]!, a).map(
        (key) => ((sequenceStart + key) * a.kvHeads + kvHead) * headDim,
      )
      const scores = keys.map((key) => a.scale * dot(slice(q.data, query, headDim), slice(k.data, key, headDim)))
      const normaliser = logSumExp(scores)
      yield { query, keys, p: scores.map((score) => Math.exp(score - normaliser)) }
    }
}

const slice = <A extends Numbers>(data: A, offset: number, length: number): A =>
  data.subarray(offset, offset + length) as A

export const attention: Kernel<'attention'> = ([q, k, v, first, last], attributes) => {
  const headDim = columns(q) / attributes.heads
  const out = new Float64Array(q.data.length)
  for (const { query, keys, p } of headViews(q, k, first, last, attributes))
    keys.forEach((key, j) => addScaled(slice(out, query, headDim), p[j]!, slice(v.data, key, headDim)))
  return [out]
}

// ds = p ⊙ (dy vᵀ − Σ p ⊙ dy vᵀ):  dq = scale · ds k,  dk = scale · dsᵀ q,  dv = pᵀ dy. The sum equals Σ dy ⊙ out, which
// faster back ends use; here it is made anew, so that they are held against something else than themselves.
export const attentionGrad: Kernel<'attentionGrad'> = ([dy, q, k, v, first, last], attributes) => {
  const headDim = columns(q) / attributes.heads
  const head = <A extends Numbers>(data: A, offset: number): A => slice(data, offset, headDim)
  const [dq, dk, dv] = [q, k, v].map((tensor) => new Float64Array(tensor.data.length)) as [
    Float64Array,
    Float64Array,
    Float64Array,
  ]
  for (const { query, keys, p } of headViews(q, k, first, last, attributes)) {
    const dp = keys.map((key) => dot(head(dy.data, query), head(v.data, key)))
    const mean = dp.reduce((sum, value, j) => sum + p[j]! * value, 0)
    keys.forEach((key, j) => {
      const ds = attributes.scale * p[j]! * (dp[j]! - mean)
      addScaled(head(dq, query), ds, head(k.data, key))
      addScaled(head(dk, key), ds, head(q.data, query))
      addScaled(head(dv, key), p[j]!, head(dy.data, query))
    })
  }
  return [dq, dk, dv]
}
