import { deriveActions } from './derivation'
import { createDraft, forwardActions, offsetOf, segmentOf, type Draft, type DraftOptions } from './draft'
import { HEAD_ROWS, headChunk, headChunks } from './head'
import type { Plan, RunAction } from '../plan'
import { addLabels, addSlot } from '../slots'

export interface EvaluationPlanOptions extends DraftOptions {
  readonly headRows?: number
  /** Also plan `logits`: the slot of that name, [batch × length, outputs]. */
  readonly logits?: boolean
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
  if (options.logits) addSlot(draft.slots, 'logits', 'activation', [draft.rows, options.model.outputs])
  const forward = [...deriveActions(draft, false), ...forwardActions(draft, false)]
  const chunk = headChunk(draft.rows, options.headRows ?? HEAD_ROWS)
  return {
    title: `evaluate · ${options.batch} × ${options.length} tokens`,
    slots: draft.slots,
    ...offsetOf(draft.method),
    segments: draft.table.segments,
    phases: {
      evaluate: [{ do: 'zero', slots: ['loss'] }, ...forward, ...headChunks(draft, 'loss', chunk, false)],
      ...(options.logits ? { logits: [...forward, logitsAction(draft)] } : {}),
    },
  }
}
