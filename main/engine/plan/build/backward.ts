import type { Shape, Value } from '../../graph'
import { addBackward, differentiated } from './differentiated'
import { segmentOf, type Draft } from './draft'
import { HEAD_GRADIENT, headChunks, scatterRows } from './head'
import type { Action, RunAction } from '../plan'
import { createSegmentTable, type SegmentScope, type SplitActions } from './segment'
import { addSlot } from '../slots'

const streamGradient = (layer: number): string => `dh.${layer % 2}`

/** Loss, and its gradients, over chunks of the rows that bear loss. */
function headActions(draft: Draft, chunk: number, needsInput: boolean): Action[] {
  if (needsInput) addSlot(draft.slots, HEAD_GRADIENT, 'activation', [draft.rows, draft.model.config.hiddenSize])
  const chunks = headChunks(draft, 'head', chunk, true, (scope, { h, loss, part }) => {
    const seed = scope.bind('loss scale', { slot: 'loss.scale' })
    const input = needsInput ? { value: h, binding: { slot: HEAD_GRADIENT, ...part } } : undefined
    addBackward(differentiated(draft.method), scope, new Map([[loss, seed]]), input)
  })
  if (!needsInput) return chunks
  // Rows of chunks that are not due have no gradient.
  const cleared: Action = { do: 'zero', slots: [HEAD_GRADIENT] }
  return [cleared, ...chunks, scatterRows(draft, streamGradient(draft.model.config.layers))]
}

/** Forward and backward of one block in one graph; `h` is bound as the block's result. */
function blockScope(draft: Draft, layer: number, needsInput: boolean): { scope: SegmentScope; y: Value } {
  const scope = segmentOf(draft, "block'", true)
  const h = scope.bind('h', { slot: `h.${layer}` })
  const y = draft.model.block(scope, layer, h, draft.attend)
  const dy = scope.bind('dy', { slot: streamGradient(layer + 1) })
  const input = needsInput ? { value: h, binding: { slot: streamGradient(layer) } } : undefined
  addBackward(differentiated(draft.method), scope, new Map([[y, dy]]), input)
  return { scope, y }
}

/** Forward again, then backward, in one segment: nothing of the forward pass but `h.layer` was kept. */
const recomputedBlock = (draft: Draft, layer: number, needsInput: boolean): RunAction =>
  blockScope(draft, layer, needsInput).scope.action(`layer ${layer}`)

/** Forward with what the backward pass will read kept in slots, and that backward pass: faster, for more memory. */
export function keptBlock(draft: Draft, layer: number, needsInput: boolean): SplitActions {
  const { scope, y } = blockScope(draft, layer, needsInput)
  scope.output('h', y, { slot: `h.${layer + 1}` })
  const keep = (index: number, shape: Shape): string =>
    addSlot(draft.slots, keptSlot(layer, index), 'activation', shape)
  return scope.splitActions('dy', keep, `layer ${layer}`)
}

/** Slots of this prefix hold what keeping costs. */
export const KEPT_PREFIX = 'kept.'

const keptSlot = (layer: number, index: number): string => `${KEPT_PREFIX}${layer}.${index}`

function embedBackward(draft: Draft): RunAction {
  const scope = segmentOf(draft, "embed'", true)
  const y = draft.model.embed(scope)
  const dy = scope.bind('dy', { slot: streamGradient(0) })
  addBackward(differentiated(draft.method), scope, new Map([[y, dy]]), undefined)
  return scope.action('')
}

/** How far down the backward pass goes. */
export interface Reach {
  /** The embedding is trained. */
  readonly embed: boolean
  /** The lowest block that the backward pass enters; the number of layers where it enters none. */
  readonly lowest: number
}

/** Which parts of the model read a trainable parameter: backward need go no lower than the lowest of them. */
export function reachOf(draft: Draft): Reach {
  const trained = new Set(differentiated(draft.method).map(({ name }) => name))
  const reads = (build: (scope: SegmentScope) => void): boolean => {
    const scope = segmentOf({ ...draft, table: createSegmentTable() }, 'probe', true)
    build(scope)
    return [...scope.named.keys()].some((name) => trained.has(name))
  }
  const { layers } = draft.model.config
  const layer = Array.from({ length: layers }, (_, l) => l).find((l) =>
    reads((scope) => void draft.model.block(scope, l, scope.bind('h', { slot: 'h.0' }), draft.attend)),
  )
  const embed = reads((scope) => void draft.model.embed(scope))
  return { embed, lowest: embed ? 0 : (layer ?? layers) }
}

/** Whether somebody below a block wants its input's gradient. */
export const needsInput = ({ embed, lowest }: Reach, layer: number): boolean => embed || layer > lowest

/** The loss head's chunks, then the blocks from the last to the lowest that trains anything, then the embedding. */
export function backwardActions(
  draft: Draft,
  chunk: number,
  reach: Reach,
  kept: ReadonlyMap<number, SplitActions>,
): Action[] {
  const { layers } = draft.model.config
  const actions = headActions(draft, chunk, reach.embed || reach.lowest < layers)
  for (let layer = layers - 1; layer >= reach.lowest; layer--)
    actions.push(kept.get(layer)?.after ?? recomputedBlock(draft, layer, needsInput(reach, layer)))
  if (reach.embed) actions.push(embedBackward(draft))
  return actions
}
