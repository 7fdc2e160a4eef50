import { batchSlots } from '../../nn'
import { createDraft, forwardActions, segmentOf, type Draft, type DraftOptions } from './draft'
import { HEAD_ROWS, headChunk } from './head-chunks'
import type { Plan, RunAction } from '../plan'
import { addLabels, addSlot } from '../slots'

export interface EvaluationPlanOptions extends DraftOptions {
  readonly headRows?: number
  /** Also plan `logits`: the slot of that name, [batch × length, vocabulary]. */
  readonly logits?: boolean
}

function lossActions(draft: Draft, chunk: number): RunAction[] {
  return Array.from({ length: draft.rows / chunk }, (_, i) => {
    const part = { row: i * chunk, rows: chunk }
    const scope = segmentOf(draft, 'loss', false)
    const { x, table } = draft.model.head(scope, scope.bind('h', { slot: `h.${draft.model.config.layers}`, ...part }))
    const labels = scope.bind('labels', { slot: batchSlots.labels, ...part })
    const weight = scope.bind('weight', { slot: batchSlots.weight, ...part })
    const loss = scope.g.one('lossHead', [x, table, labels, weight], {})
    scope.output('loss', loss, { slot: 'loss', accumulate: true })
    return scope.action(`rows ${part.row}-${part.row + chunk - 1}`)
  })
}

function logitsAction(draft: Draft): RunAction {
  const scope = segmentOf(draft, 'logits', false)
  const { x, table } = draft.model.head(scope, scope.bind('h', { slot: `h.${draft.model.config.layers}` }))
  scope.output('logits', scope.g.one('linear', [x, table], { alpha: 1 }), { slot: 'logits' })
  return scope.action('')
}

/** Forward only: `evaluate` leaves Σ weight · loss in `loss`; nothing is trained and no dropout is drawn. */
export function planEvaluation(options: EvaluationPlanOptions): Plan {
  const draft = createDraft(options)
  addLabels(draft.slots, draft.rows)
  addSlot(draft.slots, 'loss', 'scalar', [1])
  if (options.logits) addSlot(draft.slots, 'logits', 'activation', [draft.rows, options.model.config.vocabSize])
  const forward = forwardActions(draft, false)
  const chunk = headChunk(draft.rows, options.headRows ?? HEAD_ROWS)
  return {
    title: `evaluate · ${options.batch} × ${options.length} tokens`,
    slots: draft.slots,
    segments: draft.table.segments,
    phases: {
      evaluate: [{ do: 'zero', slots: ['loss'] }, ...forward, ...lossActions(draft, chunk)],
      ...(options.logits ? { logits: [...forward, logitsAction(draft)] } : {}),
    },
  }
}
