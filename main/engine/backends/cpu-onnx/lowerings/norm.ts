import type { Emitter, Term } from '../emitter'
import { binary } from './elementwise'
import { size, term, type Lowering } from './lowering'

/** 1 / √(mean(x²) + ε), [N, 1]. The fused operator's second output would be this, but it is garbage on one provider. */
function inverseRms(e: Emitter, x: Term, epsilon: number): Term {
  const rows = [size(x, 0), 1]
  const axes = e.constant('int64', [1], [1])
  const squares = e.emit('ReduceSumSquare', [x, axes], rows, { attributes: { keepdims: 1 } })
  const mean = binary(e, 'Mul', squares, e.constant('float', [1 / size(x, 1)]))
  const root = e.emit('Sqrt', [binary(e, 'Add', mean, e.constant('float', [epsilon]))], rows)
  return e.emit('Reciprocal', [root], rows)
}

export const rmsNorm: Lowering<'rmsNorm'> = (e, inputs, { epsilon }) => {
  const attributes = { axis: -1, epsilon: { float: epsilon }, stash_type: 1 }
  return [e.emit('SimplifiedLayerNormalization', inputs, term(inputs, 0).shape, { attributes })]
}

export const rmsNormInputGrad: Lowering<'rmsNormInputGrad'> = (e, inputs, { epsilon }) => {
  const [dy, x, w] = [term(inputs, 0), term(inputs, 1), term(inputs, 2)]
  const inverse = inverseRms(e, x, epsilon)
  const normed = binary(e, 'Mul', x, inverse)
  const scaled = binary(e, 'Mul', dy, w)
  const axes = e.constant('int64', [1], [1])
  const product = binary(e, 'Mul', scaled, normed)
  const mean = e.emit('ReduceMean', [product, axes], [size(x, 0), 1], { attributes: { keepdims: 1 } })
  return [binary(e, 'Mul', inverse, binary(e, 'Sub', scaled, binary(e, 'Mul', normed, mean)))]
}

export const rmsNormWeightGrad: Lowering<'rmsNormWeightGrad'> = (e, inputs, { epsilon }) => {
  const [dy, x] = [term(inputs, 0), term(inputs, 1)]
  const normed = binary(e, 'Mul', x, inverseRms(e, x, epsilon))
  return [e.reshape(e.sum(binary(e, 'Mul', dy, normed), [0]), [size(x, 1)])]
}
