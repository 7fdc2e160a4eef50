import { batchSlots } from '../../nn'
import type { Value } from '../../graph'
import type { RunAction } from '../plan'
import { addSlot } from '../slots'
import { segmentOf, type Draft } from './draft'
import type { SegmentScope } from './segment'

/**
 * Default rows of a loss-head chunk: measured, larger ones gain no speed, and each row costs twice the vocabulary in
 * memory.
 */
export const HEAD_ROWS = 128

/** The run parameter that says how many rows bear loss: chunks beyond them are not run. */
export const TRAINED_ROWS = 'trainedRows'

/** Gradient of the last residual stream, in the head's order of rows. */
export const HEAD_GRADIENT = 'head.dh'
const HEAD_INPUT = 'head.h'

/**
 * The loss head runs over chunks of rows, so that the logits of a large vocabulary never stand in memory at once.
 * The chunk is the largest divisor of the rows up to `target`: one graph for all chunks.
 */
export function headChunk(rows: number, target: number): number {
  for (let size = Math.min(rows, target); size > 1; size--) if (rows % size === 0) return size
  return 1
}

/** The last residual stream with the rows that bear loss first: prompts and padding then cost no logits at all. */
function gatherRows(draft: Draft): RunAction {
  const { slots, rows, model } = draft
  addSlot(slots, HEAD_INPUT, 'activation', [rows, model.config.hiddenSize])
  const scope = segmentOf(draft, 'gather', false)
  const stream = scope.bind('h', { slot: `h.${model.config.layers}` })
  scope.output('rows', scope.g.one('embedding', [scope.slot(batchSlots.order), stream], {}), { slot: HEAD_INPUT })
  return scope.action('rows that bear loss first')
}

/** Undoes `gatherRows` for the gradient. */
export function scatterRows(draft: Draft, into: string): RunAction {
  const scope = segmentOf(draft, 'scatter', true)
  const gradient = scope.bind('d rows', { slot: HEAD_GRADIENT })
  const spread = scope.g.one('embeddingGrad', [gradient, scope.slot(batchSlots.order)], { rows: draft.rows })
  scope.output('dh', spread, { slot: into })
  return scope.action('')
}

export interface HeadChunk {
  /** Its rows of the residual stream. */
  readonly h: Value
  /** What the head's table is multiplied with, and that table. */
  readonly x: Value
  readonly table: Value
  readonly loss: Value
  /** Which rows of the head's order these are. */
  readonly part: { readonly row: number; readonly rows: number }
}

/** Adds the loss of all rows that bear any to the slot `loss`, chunk by chunk; `extend` may add to each chunk's graph. */
export function headChunks(
  draft: Draft,
  label: string,
  chunk: number,
  training: boolean,
  extend: (scope: SegmentScope, chunk: HeadChunk) => void = () => {},
): RunAction[] {
  const gathered = gatherRows(draft)
  const chunks = Array.from({ length: draft.rows / chunk }, (_, i) => {
    const part = { row: i * chunk, rows: chunk }
    const scope = segmentOf(draft, label, training)
    const h = scope.bind('h', { slot: HEAD_INPUT, ...part })
    const { x, table } = draft.model.head(scope, h)
    const labels = scope.bind('labels', { slot: batchSlots.labels, ...part })
    const weight = scope.bind('weight', { slot: batchSlots.weight, ...part })
    const loss = scope.g.one('lossHead', [x, table, labels, weight], {})
    scope.output('loss', loss, { slot: 'loss', accumulate: true })
    extend(scope, { h, x, table, loss, part })
    const when = { parameter: TRAINED_ROWS, above: part.row }
    return { ...scope.action(`rows ${part.row}-${part.row + chunk - 1}`), when }
  })
  return [gathered, ...chunks]
}
