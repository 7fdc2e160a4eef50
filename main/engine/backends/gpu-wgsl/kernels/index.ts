import type { OpName } from '../../../graph'
import { attention, attentionGrad } from './attention'
import { activation, activationGrad, gatedActivation, gatedActivationGrad } from './activations'
import { add, div, dropout, mul, rope, scale, sumTo } from './elementwise'
import { embedding, embeddingGrad } from './embedding'
import { concat, pad, prepend, prependGrad, replaceRows, replaceRowsGrad, slice } from './layout'
import type { Lowering } from './lowering'
import { lossHead, lossHeadInputGrad, lossHeadTableGrad } from './loss-head'
import { lstmCell, lstmCellGrad } from './lstm'
import {
  layerNorm,
  layerNormInputGrad,
  layerNormWeightGrad,
  rmsNorm,
  rmsNormInputGrad,
  rmsNormWeightGrad,
  rowNorm,
} from './norm'
import { linear, linearInputGrad, linearWeightGrad } from './products'

/** Every op as dispatches of compute shaders. */
export const lowerings: { readonly [Op in OpName]: Lowering<Op> } = {
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
  embeddingGrad,
  lossHead,
  lossHeadInputGrad,
  lossHeadTableGrad,
}
