import type { GraphBuilder, Value } from '../../graph'
import type { Scope, TrainableParameter } from '../../nn'
import { encoderValue, encoderWeight } from './encoder-parts'

/** Gates of a cell: input, forget, cell, output. */
const GATES = 4
const directions = ['', '_reverse'] as const

interface Layer {
  readonly index: number
  readonly input: number
  readonly hidden: number
}

/** Both directions of one layer, U(±1/√hidden) as PyTorch's LSTM begins. */
function layerWeights({ index, input, hidden }: Layer): TrainableParameter[] {
  const bound = 1 / Math.sqrt(hidden)
  const rows = GATES * hidden
  return directions.flatMap((direction) => {
    const name = (kind: string): string => `lstm_head.${kind}_l${index}${direction}`
    return [
      encoderWeight(name('weight_ih'), [rows, input], bound),
      encoderWeight(name('weight_hh'), [rows, hidden], bound),
      encoderWeight(name('bias_ih'), [rows], bound),
      encoderWeight(name('bias_hh'), [rows], bound),
    ]
  })
}

/** One step after another over the rows of `gates` [P, 4·H], which hold all that does not depend on the step before. */
function recur(g: GraphBuilder, gates: Value, recurrent: Value, reverse: boolean): Value {
  const tokens = gates.shape[0] as number
  const places = Array.from({ length: tokens }, (_, i) => (reverse ? tokens - 1 - i : i))
  const hidden: Value[] = []
  let before: readonly [Value, Value] | undefined
  for (const place of places) {
    const row = g.one('slice', [gates], { axis: 0, from: place, to: place + 1 })
    const z = before ? g.one('linear', [before[0], recurrent, row], { alpha: 1 }) : row
    before = g.apply('lstmCell', before ? [z, before[1]] : [z], {}) as readonly [Value, Value]
    hidden[place] = before[0]
  }
  return g.one('concat', hidden, { axis: 0 })
}

/** [P, in] → [P, 2·H]: at each place what was read up to it from the front, and from the back. */
function buildLayer(scope: Scope, { index }: Layer, x: Value): Value {
  const { g } = scope
  const both = directions.map((direction) => {
    const weight = (kind: string): Value => encoderValue(scope, `lstm_head.${kind}_l${index}${direction}`)
    const gates = g.one('linear', [x, weight('weight_ih'), weight('bias_ih')], { alpha: 1 })
    const all = g.one('add', [gates, weight('bias_hh')], {})
    return recur(g, all, weight('weight_hh'), direction !== '')
  })
  return g.one('concat', both, { axis: 1 })
}

/** A bidirectional LSTM over the rows of [P, input], which begins with h = c = 0: [P, 2 · hidden]. */
export function lstm(input: number, hidden: number, layers: number) {
  const all = Array.from({ length: layers }, (_, index): Layer => ({
    index,
    input: index === 0 ? input : 2 * hidden,
    hidden,
  }))
  return {
    weights: all.flatMap(layerWeights),
    build: (scope: Scope, x: Value): Value => all.reduce((h, layer) => buildLayer(scope, layer, h), x),
  }
}
