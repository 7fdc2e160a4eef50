import type { OpName } from '../../../graph'
import { attention, attentionGrad, rope } from './attention'
import { activation, activationGrad, gatedActivation, gatedActivationGrad } from './activations'
import { add, div, dropout, mul, scale, sumTo } from './elementwise'
import { concat, pad, prepend, prependGrad, replaceRows, replaceRowsGrad, slice } from './layout'
import { linear, linearInputGrad, linearWeightGrad } from './linear'
import { embedding, lossHead, lossHeadInputGrad, lossHeadTableGrad } from './loss-head'
import { lstmCell, lstmCellGrad } from './lstm'
import type { Lowering } from './lowering'
import {
  layerNorm,
  layerNormInputGrad,
  layerNormWeightGrad,
  rmsNorm,
  rmsNormInputGrad,
  rmsNormWeightGrad,
  rowNorm,
} from './norm'

/** `host`: only as a loop over typed arrays (host-kernels.ts), because ONNX would copy the whole table. */
export const lowerings: { readonly [Op in OpName]: Lowering<Op> | 'host' } = {
  linear,
  linearInputGrad,
  linearWeightGrad,
  add,
  mul,
  div,
  scale,
  sumTo,
  rowNorm,
  dropout,
  rmsNorm,
  rmsNormInputGrad,
  rmsNormWeightGrad,
  layerNorm,
  layerNormInputGrad,
  layerNormWeightGrad,
  rope,
  attention,
  attentionGrad,
  prepend,
  prependGrad,
  slice,
  pad,
  concat,
  replaceRows,
  replaceRowsGrad,
  activation,
  activationGrad,
  gatedActivation,
  gatedActivationGrad,
  lstmCell,
  lstmCellGrad,
  embedding,
  embeddingGrad: 'host',
  lossHead,
  lossHeadInputGrad,
  lossHeadTableGrad,
}
