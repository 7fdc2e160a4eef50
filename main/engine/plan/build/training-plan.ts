import { batchSlots } from '../../nn'
import { elements } from '../../graph'
import { backwardActions, KEPT_PREFIX, keptBlock, needsInput, reachOf, type Reach } from './backward'
import { deriveActions, deriveBackwardActions } from './derivation'
import { differentiated } from './differentiated'
import { createDraft, forwardActions, offsetOf, type Draft, type DraftOptions } from './draft'
import { HEAD_ROWS, headChunk } from './head'
import type { Action, OptimisedParameter, Plan } from '../plan'
import type { SplitActions } from './segment'
import { addLabels, addSlot, gradientOf, momentsOf } from '../slots'

export interface OptimiserSettings {
  readonly betas: readonly [number, number]
  readonly epsilon: number
  readonly weightDecay: number
  /** 0: no clipping. */
  readonly maxGradNorm: number
}

export interface TrainingPlanOptions extends DraftOptions {
  readonly optimiser: OptimiserSettings
  /**
   * Of so many layers, from the last down, activations are kept for the backward pass; the others are computed again.
   * Results are the same to the bit; each kept layer costs `keptBytes` and saves a forward pass of it.
   */
  readonly keepLayers?: number
  readonly headRows?: number
}

function updateActions(draft: Draft, { betas, epsilon, weightDecay, maxGradNorm }: OptimiserSettings): Action[] {
  const parameters: OptimisedParameter[] = draft.method.trainable.map(({ name, decay, rate }) => ({
    slot: name,
    gradient: gradientOf(name),
    moments: momentsOf(name),
    decay,
    ...(rate !== undefined && { rate }),
  }))
  const gradients = parameters.map((p) => p.gradient)
  return [
    ...deriveBackwardActions(draft),
    { do: 'globalNorm', gradients, into: 'gradNorm' },
    { do: 'clip', gradients, norm: 'gradNorm', maximum: maxGradNorm },
    { do: 'adamw', parameters, betas, epsilon, weightDecay, norm: 'gradNorm' },
  ]
}

function addTrainingSlots(draft: Draft): void {
  const { slots, rows, model, method } = draft
  addLabels(slots, rows)
  if (method.usesSeeds) addSlot(slots, batchSlots.seeds, 'batch', [model.config.layers], 'i32')
  addSlot(slots, 'loss.scale', 'batch', [1])
  addSlot(slots, 'loss', 'scalar', [1])
  addSlot(slots, 'gradNorm', 'scalar', [1])
  for (const i of [0, 1]) addSlot(slots, `dh.${i}`, 'activation', [rows, model.config.hiddenSize])
  for (const { name, shape } of differentiated(method)) addSlot(slots, gradientOf(name), 'gradient', shape)
  for (const { name, shape } of method.trainable) {
    for (const moment of momentsOf(name)) addSlot(slots, moment, 'moment', shape)
  }
}

function keptBlocks(draft: Draft, reach: Reach, keepLayers: number): ReadonlyMap<number, SplitActions> {
  const { layers } = draft.model.config
  const first = Math.max(reach.lowest, layers - keepLayers)
  const chosen = Array.from({ length: Math.max(0, layers - first) }, (_, i) => first + i)
  return new Map(chosen.map((layer) => [layer, keptBlock(draft, layer, needsInput(reach, layer))]))
}

/** Bytes that keeping one more layer's activations costs at a plan's shape. */
export function keptBytes(options: TrainingPlanOptions): number {
  const { slots } = planTraining({ ...options, keepLayers: 1 })
  const kept = [...slots.values()].filter(({ name }) => name.startsWith(KEPT_PREFIX))
  return kept.reduce((sum, { shape }) => sum + elements(shape) * 4, 0)
}

/**
 * One optimiser step as data: `begin` zeroes the sums, `forward` and `backward` run once a micro-batch and add to the
 * loss and the gradients, `update` clips and steps. Labels are already shifted; `batch.weight` is 1 / the trained tokens
 * of the whole accumulation window, so that micro-batches of unequal length add up to one large batch.
 */
export function planTraining(options: TrainingPlanOptions): Plan {
  const draft = createDraft(options)
  addTrainingSlots(draft)
  const gradients = differentiated(options.method).map(({ name }) => gradientOf(name))
  const chunk = headChunk(draft.rows, options.headRows ?? HEAD_ROWS)
  const reach = reachOf(draft)
  const kept = keptBlocks(draft, reach, options.keepLayers ?? 0)
  return {
    title: `${options.model.config.family} ${options.model.config.layers} layers · ${options.method.info.name.en} · ${options.batch} × ${options.length} tokens`,
    slots: draft.slots,
    ...offsetOf(draft.method),
    segments: draft.table.segments,
    phases: {
      begin: [{ do: 'zero', slots: ['loss', ...gradients] }, ...deriveActions(draft, true)],
      forward: forwardActions(draft, true, kept),
      backward: backwardActions(draft, chunk, reach, kept),
      update: updateActions(draft, options.optimiser),
    },
  }
}
