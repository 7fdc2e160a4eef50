import type { OpName } from '../../../graph'
import { attention, attentionGrad } from './attention'
import { add, dropout, gatedActivation, gatedActivationGrad, mul, rope, sumTo } from './elementwise'
import { embedding, embeddingGrad } from './embedding'
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
} from './norm'
import { linear, linearInputGrad, linearWeightGrad } from './products'

/** Every op as dispatches of compute shaders. */
export const lowerings: { readonly [Op in OpName]: Lowering<Op> } = {
  linear,
  linearInputGrad,
  linearWeightGrad,
  add,
  mul,
  sumTo,
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
