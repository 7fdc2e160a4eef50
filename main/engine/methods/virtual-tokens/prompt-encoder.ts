import type { Value } from '../../graph'
import type { Scope, TrainableParameter } from '../../nn'
import { encoderEmbedding, encoderValue, linearLayer, stack } from './encoder-parts'
import { lstm } from './lstm'

/** A small network that makes tensors of learned vectors, as PEFT names and initialises it. */
export interface Encoder {
  readonly weights: readonly TrainableParameter[]
  /** [P, outputs] */
  build(scope: Scope): Value
}

const reading = (scope: Scope): Value => encoderValue(scope, 'embedding.weight')

/** P-Tuning's encoder without recurrence: d → H → H → d, ReLU between. */
export function mlpEncoder(tokens: number, width: number, hidden: number): Encoder {
  const head = stack(
    [
      linearLayer('mlp_head.0', width, hidden),
      linearLayer('mlp_head.2', hidden, hidden),
      linearLayer('mlp_head.4', hidden, width),
    ],
    'relu',
  )
  return {
    weights: [encoderEmbedding(tokens, width), ...head.weights],
    build: (scope) => head.build(scope, reading(scope)),
  }
}

/** P-Tuning's own encoder (Liu et al. 2021): a bidirectional LSTM, then 2H → 2H → d with ReLU between. */
export function lstmEncoder(tokens: number, width: number, hidden: number, layers: number): Encoder {
  const recurrent = lstm(width, hidden, layers)
  const head = stack(
    [linearLayer('mlp_head.0', 2 * hidden, 2 * hidden), linearLayer('mlp_head.2', 2 * hidden, width)],
    'relu',
  )
  return {
    weights: [encoderEmbedding(tokens, width), ...recurrent.weights, ...head.weights],
    build: (scope) => head.build(scope, recurrent.build(scope, reading(scope))),
  }
}

/** Prefix tuning's reparameterisation (Li & Liang 2021): D → H → all layers' keys and values, tanh between. */
export function prefixEncoder(tokens: number, width: number, hidden: number, outputs: number): Encoder {
  const transform = stack(
    [linearLayer('transform.0', width, hidden), linearLayer('transform.2', hidden, outputs)],
    'tanh',
  )
  return {
    weights: [encoderEmbedding(tokens, width), ...transform.weights],
    build: (scope) => transform.build(scope, reading(scope)),
  }
}

/** [P, parts · D] cut into `parts` tensors of [P, D], side by side. */
export function sliceColumns({ g }: Scope, x: Value, parts: number): Value[] {
  const width = (x.shape[1] as number) / parts
  return Array.from({ length: parts }, (_, i) => g.one('slice', [x], { axis: 1, from: i * width, to: (i + 1) * width }))
}
