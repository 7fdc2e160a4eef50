import type { AppliedMethod, Attend, ModelDefinition } from '../../nn'
import type { RunAction } from '../plan'
import { attendTo } from './attend'
import {
  createSegmentScope,
  createSegmentTable,
  type SegmentScope,
  type SegmentTable,
  type SplitActions,
} from './segment'
import { addBatch, addSlot, addWeights, type SlotTable } from '../slots'

export interface PlanShape {
  /** Sequences in a micro-batch. */
  readonly batch: number
  /** Tokens in each, padding included. */
  readonly length: number
}

/** What the parts of a plan share while it is being made. */
export interface Draft {
  readonly model: ModelDefinition
  readonly method: AppliedMethod
  readonly shape: PlanShape
  readonly rows: number
  readonly slots: SlotTable
  readonly table: SegmentTable
  readonly attend: Attend
}

/** Every query sees the range of keys that the batch says, which never reaches beyond its own place. */
const batchAttention =
  (model: ModelDefinition, batch: number): Attend =>
  (scope, call) =>
    attendTo(scope, model, call, { batch, causal: true })

export interface DraftOptions extends PlanShape {
  readonly model: ModelDefinition
  readonly method: AppliedMethod
  /** The longest sequence of any plan that shares the executor. */
  readonly maxLength: number
}

export function createDraft({ model, method, maxLength, batch, length }: DraftOptions): Draft {
  const slots: SlotTable = new Map()
  addWeights(slots, model, method, maxLength)
  const rows = batch * length
  addBatch(slots, rows)
  for (let layer = 0; layer <= model.config.layers; layer++)
    addSlot(slots, `h.${layer}`, 'activation', [rows, model.config.hiddenSize])
  const attend = batchAttention(model, batch)
  return { model, method, shape: { batch, length }, rows, slots, table: createSegmentTable(), attend }
}

/** What a plan says of its method's positions. */
export const offsetOf = ({ positionOffset }: AppliedMethod): { readonly positionOffset?: number } =>
  positionOffset === undefined ? {} : { positionOffset }

export function segmentOf(draft: Draft, label: string, training: boolean): SegmentScope {
  const { table, slots, method } = draft
  return createSegmentScope({ table, slots, label, hooks: method.hooks, training })
}

/**
 * embed, then every block: the residual stream before layer l is slot `h.l`. Blocks whose activations are kept bring an
 * action of their own.
 */
export function forwardActions(
  draft: Draft,
  training: boolean,
  kept: ReadonlyMap<number, SplitActions> = new Map(),
): RunAction[] {
  const { model, attend } = draft
  const embed = segmentOf(draft, 'embed', training)
  embed.output('h', model.embed(embed), { slot: 'h.0' })
  const actions = [embed.action('')]
  for (let layer = 0; layer < model.config.layers; layer++) {
    const keeping = kept.get(layer)?.before
    if (keeping) {
      actions.push(keeping)
      continue
    }
    const scope = segmentOf(draft, 'block', training)
    const h = scope.bind('h', { slot: `h.${layer}` })
    scope.output('h', model.block(scope, layer, h, attend), { slot: `h.${layer + 1}` })
    actions.push(scope.action(`layer ${layer}`))
  }
  return actions
}
