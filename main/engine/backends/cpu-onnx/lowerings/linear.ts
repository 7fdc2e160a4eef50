import { size, term, type Lowering } from './lowering'

/** One Gemm each; the addend rides along as its C. */
export const linear: Lowering<'linear'> = (e, inputs, { alpha }) => {
  const shape = [size(term(inputs, 0), 0), size(term(inputs, 1), 0)]
  return [e.emit('Gemm', inputs, shape, { attributes: { transB: 1, alpha: { float: alpha } } })]
}

export const linearInputGrad: Lowering<'linearInputGrad'> = (e, inputs, { alpha }) => {
  const shape = [size(term(inputs, 0), 0), size(term(inputs, 1), 1)]
  return [e.emit('Gemm', inputs, shape, { attributes: { alpha: { float: alpha } } })]
}

export const linearWeightGrad: Lowering<'linearWeightGrad'> = (e, inputs, { alpha }) => {
  const shape = [size(term(inputs, 0), 1), size(term(inputs, 1), 1)]
  return [e.emit('Gemm', inputs, shape, { attributes: { transA: 1, alpha: { float: alpha } } })]
}
