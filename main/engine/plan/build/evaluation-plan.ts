import { deriveActions } from './derivation'
import { createDraft, forwardActions, offsetOf, segmentOf, type Draft, type DraftOptions } from './draft'
import { HEAD_ROWS, headChunk, headChunks } from './head'
import type { Plan, RunAction } from '../plan'
import { addLabels, addSlot } from '../slots'

export interface EvaluationPlanOptions extends DraftOptions {
  readonly headRows?: number
  /** Also plan `logits`: the slot of that name, [batch × length, outputs]. */
  readonly logits?: boolean
  /** `evaluate` also leaves the logits of the rows that bear loss, in the head's order, in `scores`: [batch × length, outputs]. */
  readonly scores?: boolean
}

function logitsAction(draft: Draft): RunAction {
  const scope = segmentOf(draft, 'logits', false)
  const { x, table } = draft.model.head(scope, scope.bind('h', { slot: `h.${draft.model.config.layers}` }))
  scope.output('logits', scope.g.one('linear', [x, table], { alpha: 1 }), { slot: 'logits' })
  return scope.action('')
}

function lossActions(draft: Draft, { headRows = HEAD_ROWS, scores = false }: EvaluationPlanOptions): RunAction[] {
  const chunk = headChunk(draft.rows, headRows)
  if (!scores) return headChunks(draft, 'loss', chunk, false)
  addSlot(draft.slots, 'scores', 'activation', [draft.rows, draft.model.outputs])
  return headChunks(draft, 'loss', chunk, false, (scope, { x, table, part }) =>
    scope.output('scores', scope.g.one('linear', [x, table], { alpha: 1 }), { slot: 'scores', ...part }),
  )
}

/** Forward only: `evaluate` leaves Σ weight · loss in `loss`; nothing is trained and no dropout is drawn. */
export function planEvaluation(options: EvaluationPlanOptions): Plan {
  const draft = createDraft(options)
  addLabels(draft.slots, draft.rows)
  addSlot(draft.slots, 'loss', 'scalar', [1])
  if (options.logits) addSlot(draft.slots, 'logits', 'activation', [draft.rows, options.model.outputs])
  const forward = [...deriveActions(draft, false), ...forwardActions(draft, false)]
  return {
    title: `evaluate · ${options.batch} × ${options.length} tokens`,
    slots: draft.slots,
    ...offsetOf(draft.method),
    segments: draft.table.segments,
    phases: {
      evaluate: [{ do: 'zero', slots: ['loss'] }, ...forward, ...lossActions(draft, options)],
      ...(options.logits ? { logits: [...forward, logitsAction(draft)] } : {}),
    },
  }
}
