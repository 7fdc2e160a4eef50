import type { Emitter, Term } from '../emitter'
import { binary } from './elementwise'
import { size, term, type Lowering } from './lowering'

/** [N, heads · d] as [N · heads, d]: what is normalised by itself becomes a row. */
function byHead(e: Emitter, x: Term, heads: number): Term {
  return heads === 1 ? x : e.reshape(x, [size(x, 0) * heads, size(x, 1) / heads])
}

/** What RMSNorm multiplies with: the weight counts from `offset`. */
const factors = (e: Emitter, w: Term, offset: number): Term =>
  offset === 0 ? w : binary(e, 'Add', w, e.constant('float', [offset]))

/** The changed matrix is one Gemm's result: it lives as long as its norms are taken. */
export const rowNorm: Lowering<'rowNorm'> = (e, inputs, { alpha }) => {
  const [w, b, a] = [term(inputs, 0), term(inputs, 1), term(inputs, 2)]
  const changed = e.emit('Gemm', [b, a, w], w.shape, { attributes: { alpha: { float: alpha } } })
  const axes = e.constant('int64', [1], [1])
  return [e.emit('ReduceL2', [changed, axes], [size(w, 0)], { attributes: { keepdims: 0 } })]
}

const rowMean = (e: Emitter, x: Term): Term =>
  e.emit('ReduceMean', [x, e.constant('int64', [1], [1])], [size(x, 0), 1], { attributes: { keepdims: 1 } })

/** 1 / √(mean(x²) + ε), [N, 1]. The fused operator's second output would be this, but it is garbage on one provider. */
function inverseRms(e: Emitter, x: Term, epsilon: number): Term {
  const rows = [size(x, 0), 1]
  const axes = e.constant('int64', [1], [1])
  const squares = e.emit('ReduceSumSquare', [x, axes], rows, { attributes: { keepdims: 1 } })
  const mean = binary(e, 'Mul', squares, e.constant('float', [1 / size(x, 1)]))
  const root = e.emit('Sqrt', [binary(e, 'Add', mean, e.constant('float', [epsilon]))], rows)
  return e.emit('Reciprocal', [root], rows)
}

export const rmsNorm: Lowering<'rmsNorm'> = (e, inputs, { epsilon, offset, heads }) => {
  const [x, w] = [term(inputs, 0), term(inputs, 1)]
  const rows = byHead(e, x, heads)
  const attributes = { axis: -1, epsilon: { float: epsilon }, stash_type: 1 }
  const y = e.emit('SimplifiedLayerNormalization', [rows, factors(e, w, offset)], rows.shape, { attributes })
  return [heads === 1 ? y : e.reshape(y, x.shape)]
}

export const rmsNormInputGrad: Lowering<'rmsNormInputGrad'> = (e, inputs, { epsilon, offset, heads }) => {
  const [dy, x] = [byHead(e, term(inputs, 0), heads), byHead(e, term(inputs, 1), heads)]
  const inverse = inverseRms(e, x, epsilon)
  const normed = binary(e, 'Mul', x, inverse)
  const scaled = binary(e, 'Mul', dy, factors(e, term(inputs, 2), offset))
  const mean = rowMean(e, binary(e, 'Mul', scaled, normed))
  const dx = binary(e, 'Mul', inverse, binary(e, 'Sub', scaled, binary(e, 'Mul', normed, mean)))
  return [heads === 1 ? dx : e.reshape(dx, term(inputs, 1).shape)]
}

export const rmsNormWeightGrad: Lowering<'rmsNormWeightGrad'> = (e, inputs, { epsilon, heads }) => {
  const [dy, x] = [byHead(e, term(inputs, 0), heads), byHead(e, term(inputs, 1), heads)]
  const normed = binary(e, 'Mul', x, inverseRms(e, x, epsilon))
  return [e.reshape(e.sum(binary(e, 'Mul', dy, normed), [0]), [size(x, 1)])]
}

export const layerNorm: Lowering<'layerNorm'> = (e, inputs, { epsilon }) => {
  const attributes = { axis: -1, epsilon: { float: epsilon }, stash_type: 1 }
  return [e.emit('LayerNormalization', inputs, term(inputs, 0).shape, { attributes })]
}

/** n = (x − mean x) ρ, and ρ = (var x + ε)^−½ [N, 1]: made anew for the derivative, as for RMSNorm. */
function normalised(e: Emitter, x: Term, epsilon: number): { readonly n: Term; readonly inverse: Term } {
  const centred = binary(e, 'Sub', x, rowMean(e, x))
  const inverse = inverseRms(e, centred, epsilon)
  return { n: binary(e, 'Mul', centred, inverse), inverse }
}

/** dx = ρ (g − mean g − n mean(g ⊙ n)), g = w ⊙ dy */
export const layerNormInputGrad: Lowering<'layerNormInputGrad'> = (e, inputs, { epsilon }) => {
  const { n, inverse } = normalised(e, term(inputs, 1), epsilon)
  const g = binary(e, 'Mul', term(inputs, 0), term(inputs, 2))
  const along = binary(e, 'Mul', n, rowMean(e, binary(e, 'Mul', g, n)))
  return [binary(e, 'Mul', inverse, binary(e, 'Sub', binary(e, 'Sub', g, rowMean(e, g)), along))]
}

export const layerNormWeightGrad: Lowering<'layerNormWeightGrad'> = (e, inputs, { epsilon }) => {
  const [dy, x] = [term(inputs, 0), term(inputs, 1)]
  return [e.reshape(e.sum(binary(e, 'Mul', dy, normalised(e, x, epsilon).n), [0]), [size(x, 1)])]
}
