import type { OpName } from '../../../graph'
import { attention, attentionGrad } from './attention'
import {
  activation,
  activationGrad,
  add,
  div,
  dropout,
  gatedActivation,
  gatedActivationGrad,
  mul,
  scale,
  sumTo,
} from './elementwise'
import { embedding, embeddingGrad } from './embedding'
import type { Kernel } from './kernel'
import { concat, pad, prepend, prependGrad, replaceRows, replaceRowsGrad, slice } from './layout'
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
import { rope } from './rope'

export type { Kernel, Numbers, Operands, Tensor } from './kernel'

/** What each op computes, written for reading: the oracle that every other back end is held against. */
export const kernels: { readonly [Op in OpName]: Kernel<Op> } = {
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
