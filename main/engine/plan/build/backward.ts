import { differentiate } from '../../autodiff'
import type { Value } from '../../graph'
import { batchSlots } from '../../nn'
import { segmentOf, type Draft } from './draft'
import type { RunAction } from '../plan'
import { createSegmentTable, type SegmentScope } from './segment'
import { gradientOf } from '../slots'

/** Names of the trainable parameters that a segment has as inputs, and their values, in the method's order. */
function trainablesIn(draft: Draft, scope: SegmentScope): { name: string; value: Value }[] {
  return draft.method.trainable.flatMap(({ name }) => {
    const value = scope.named.get(name)
    return value ? [{ name, value }] : []
  })
}

/** Adds the backward nodes and binds each gradient: parameters' are added to, the input's (if wanted) replaced. */
function closeBackward(
  draft: Draft,
  scope: SegmentScope,
  seeds: ReadonlyMap<Value, Value>,
  input: { readonly value: Value; readonly binding: { slot: string; row?: number; rows?: number } } | undefined,
  note: string,
): RunAction {
  const parameters = trainablesIn(draft, scope)
  const wrt = [...parameters.map((p) => p.value), ...(input ? [input.value] : [])]
  const gradients = differentiate(scope.g, seeds, wrt)
  parameters.forEach(({ name }, i) => {
    const gradient = gradients[i]
    if (gradient) scope.output(`d ${i}`, gradient, { slot: gradientOf(name), accumulate: true })
  })
  const dInput = gradients.at(-1)
  if (input && dInput) scope.output('dh', dInput, input.binding)
  return scope.action(note)
}

const streamGradient = (layer: number): string => `dh.${layer % 2}`

/** Loss, and its gradients, over row chunks of the last residual stream. */
function headActions(draft: Draft, chunk: number, needsInput: boolean): RunAction[] {
  const top = draft.model.config.layers
  return Array.from({ length: draft.rows / chunk }, (_, i) => {
    const part = { row: i * chunk, rows: chunk }
    const scope = segmentOf(draft, 'head', true)
    const h = scope.bind('h', { slot: `h.${top}`, ...part })
    const { x, table } = draft.model.head(scope, h)
    const labels = scope.bind('labels', { slot: batchSlots.labels, ...part })
    const weight = scope.bind('weight', { slot: batchSlots.weight, ...part })
    const loss = scope.g.one('lossHead', [x, table, labels, weight], {})
    const seed = scope.bind('loss scale', { slot: 'loss.scale' })
    scope.output('loss', loss, { slot: 'loss', accumulate: true })
    const input = needsInput ? { value: h, binding: { slot: streamGradient(top), ...part } } : undefined
    return closeBackward(draft, scope, new Map([[loss, seed]]), input, `rows ${part.row}-${part.row + chunk - 1}`)
  })
}

/** Forward again, then backward, in one segment: nothing of the forward pass but `h.layer` was kept. */
function blockBackward(draft: Draft, layer: number, needsInput: boolean): RunAction {
  const scope = segmentOf(draft, "block'", true)
  const h = scope.bind('h', { slot: `h.${layer}` })
  const y = draft.model.block(scope, layer, h, draft.attend)
  const dy = scope.bind('dy', { slot: streamGradient(layer + 1) })
  const input = needsInput ? { value: h, binding: { slot: streamGradient(layer) } } : undefined
  return closeBackward(draft, scope, new Map([[y, dy]]), input, `layer ${layer}`)
}

function embedBackward(draft: Draft): RunAction {
  const scope = segmentOf(draft, "embed'", true)
  const y = draft.model.embed(scope)
  const dy = scope.bind('dy', { slot: streamGradient(0) })
  return closeBackward(draft, scope, new Map([[y, dy]]), undefined, '')
}

/** Which parts of the model read a trainable parameter: backward need go no lower than the lowest of them. */
function lowestTrained(draft: Draft): { embed: boolean; layer: number } {
  const trained = new Set(draft.method.trainable.map(({ name }) => name))
  const reads = (build: (scope: SegmentScope) => void): boolean => {
    const scope = segmentOf({ ...draft, table: createSegmentTable() }, 'probe', true)
    build(scope)
    return [...scope.named.keys()].some((name) => trained.has(name))
  }
  const { layers } = draft.model.config
  const layer = Array.from({ length: layers }, (_, l) => l).find((l) =>
    reads((scope) => void draft.model.block(scope, l, scope.bind('h', { slot: 'h.0' }), draft.attend)),
  )
  return { embed: reads((scope) => void draft.model.embed(scope)), layer: layer ?? layers }
}

/** The loss head's chunks, then the blocks from the last to the lowest that trains anything, then the embedding. */
export function backwardActions(draft: Draft, chunk: number): RunAction[] {
  const { embed, layer: lowest } = lowestTrained(draft)
  const { layers } = draft.model.config
  const stop = embed ? 0 : lowest
  const actions = headActions(draft, chunk, stop < layers || embed)
  for (let layer = layers - 1; layer >= stop; layer--) actions.push(blockBackward(draft, layer, embed || layer > stop))
  if (embed) actions.push(embedBackward(draft))
  return actions
}
