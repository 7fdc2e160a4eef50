import type { AppliedMethod, ModelDefinition } from '../../nn'
import type { Plan, RunAction } from '../plan'
import { attendTo } from './attend'
import { deriveActions } from './derivation'
import { offsetOf } from './draft'
import { createSegmentScope, createSegmentTable, type SegmentScope } from './segment'
import { addBatch, addSlot, addWeights, type SlotTable } from '../slots'

export interface DecodePlanOptions {
  readonly model: ModelDefinition
  readonly method: AppliedMethod
  readonly maxLength: number
  /** Tokens that are taken in at once. */
  readonly tokens: number
  /** Positions in the cache. */
  readonly capacity: number
}

const cacheSlots = (layer: number): { k: string; v: string } => ({ k: `cache.${layer}.k`, v: `cache.${layer}.v` })
const stream = (layer: number): string => `decode.h.${layer % 2}`

function decodeSlots({ model, method, maxLength, tokens, capacity }: DecodePlanOptions): SlotTable {
  const { hiddenSize, heads, kvHeads, headDim, layers, vocabSize } = model.config
  const slots: SlotTable = new Map()
  addWeights(slots, model, method, maxLength)
  addBatch(slots, tokens)
  for (const i of [0, 1]) addSlot(slots, stream(i), 'activation', [tokens, hiddenSize])
  addSlot(slots, 'decode.q', 'activation', [tokens, heads * headDim])
  for (let layer = 0; layer < layers; layer++)
    for (const name of Object.values(cacheSlots(layer))) addSlot(slots, name, 'cache', [capacity, kvHeads * headDim])
  addSlot(slots, 'logits', 'activation', [1, vocabSize])
  return slots
}

/**
 * Taking `tokens` tokens into a key/value cache of `capacity` positions. A block becomes two segments: the first writes
 * the new keys and values straight into the cache at row `position` (a run parameter), the second attends over the whole
 * cache, of which `batch.first` … `batch.last` say what is filled. Both are the model's own block, cut at `attend`: what a
 * segment does not output is not computed. `logits` reads row `row` of the last residual stream.
 */
export function planDecode(options: DecodePlanOptions): Plan {
  const { model, method, tokens } = options
  const { layers } = model.config
  const slots = decodeSlots(options)
  const table = createSegmentTable()
  const scopeOf = (label: string): SegmentScope =>
    createSegmentScope({ table, slots, label, hooks: method.hooks, training: false })
  const position = { row: { parameter: 'position' }, rows: tokens }

  const intoCache = (layer: number): RunAction => {
    const scope = scopeOf('keys')
    const { k: kSlot, v: vSlot } = cacheSlots(layer)
    model.block(scope, layer, scope.bind('h', { slot: stream(layer) }), (_scope, { q, k, v }) => {
      scope.output('q', q, { slot: 'decode.q' })
      scope.output('k', k, { slot: kSlot, ...position })
      scope.output('v', v, { slot: vSlot, ...position })
      return q
    })
    return scope.action(`layer ${layer}`)
  }
  const fromCache = (layer: number): RunAction => {
    const scope = scopeOf('attend')
    const cache = cacheSlots(layer)
    const y = model.block(scope, layer, scope.bind('h', { slot: stream(layer) }), (_scope, call) => {
      const [k, v] = [scope.bind('k', { slot: cache.k }), scope.bind('v', { slot: cache.v })]
      return attendTo(scope, model, { ...call, q: scope.slot('decode.q'), k, v }, { batch: 1, causal: false })
    })
    scope.output('h', y, { slot: stream(layer + 1) })
    return scope.action(`layer ${layer}`)
  }
  const embed = scopeOf('embed')
  embed.output('h', model.embed(embed), { slot: stream(0) })
  const blocks = Array.from({ length: layers }, (_, layer) => [intoCache(layer), fromCache(layer)]).flat()
  const top = scopeOf('logits')
  const last = top.bind('h', { slot: stream(layers), row: { parameter: 'row' }, rows: 1 })
  const head = model.head(top, last)
  top.output('logits', top.g.one('linear', [head.x, head.table], { alpha: 1 }), { slot: 'logits' })
  return {
    title: `generate · ${tokens} of ${options.capacity} tokens`,
    slots,
    ...offsetOf(method),
    segments: table.segments,
    phases: {
      begin: deriveActions({ method, slots, table }, false),
      forward: [embed.action(''), ...blocks],
      logits: [top.action('')],
    },
  }
}
