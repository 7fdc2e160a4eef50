import type { RunView } from '../../preload/contract'
import { CliError, exitCodes, type ExitCode } from './exit'
import { formatShare, sparkline } from './format'
import { follow, interrupted, say, type Session } from './session'

const resumeAdvice = (id: string): string => `go on with: graft resume ${id}`

/** First and last held-out figures of a run, where it was evaluated with them. */
function evaluationLines({ evaluations }: RunView): string[] {
  const [first, last] = [evaluations[0], evaluations.at(-1)]
  if (!first || !last) return []
  const loss = `held-out loss  ${first.loss.toFixed(4)} → ${last.loss.toFixed(4)}`
  const [before, after] = scoresOf(evaluations)
  if (!before || !after) return [loss]
  return [loss, `${after.kind}  ${formatShare(before.value)} → ${formatShare(after.value)}`]
}

type Score = NonNullable<RunView['evaluations'][number]['score']>

/** The metric of what training started from and of the result, where both were scored. */
export function scoresOf(evaluations: RunView['evaluations']): readonly [Score, Score] | readonly [] {
  const scores = evaluations.flatMap(({ score }) => (score ? [score] : []))
  const [before, after] = [scores[0], scores.at(-1)]
  return before && after && scores.length > 1 ? [before, after] : []
}

/** What a run started from, other than its base model; empty where that was all. */
export function originOf({ spec: { startFrom } }: Pick<RunView, 'spec'>): string {
  if (!startFrom) return ''
  if (startFrom.kind === 'adapter') return `goes on from the adapter ${startFrom.path}`
  return `goes on from run ${startFrom.id}, step ${startFrom.checkpoint}`
}

/** What there is to say of a run that has ended. */
function summaryLines(view: RunView): string[] {
  const losses = view.points.map((point) => point.loss)
  return [
    ...(losses.length > 1
      ? [`loss  ${sparkline(losses)}  ${losses[0]?.toFixed(4)} → ${losses.at(-1)?.toFixed(4)}`]
      : []),
    ...evaluationLines(view),
    ...(view.spec.startFrom ? [`it ${originOf(view)}: what stands on the left is that state`] : []),
    `run ${view.id}: ${view.state} after ${view.step} steps`,
  ]
}

/** What Ctrl-C does: the worker saves a checkpoint and stops. */
function stopKeeping({ studio, terminal }: Session, id: string): () => Promise<void> {
  return async () => {
    terminal.err('stopping after this step and saving a checkpoint; press Ctrl-C again to end at once')
    await studio.runs.control(id, 'stop-keep')
  }
}

/**
 * Follows a run that is at work until it ends.
 * @param after the number of the last event that is known already
 * @throws CliError where it did not end well; exit code 130 after Ctrl-C
 */
export async function followRun(session: Session, id: string, after: number): Promise<RunView> {
  const { runs } = session.studio
  const steps = (await runs.view(id)).prepared?.steps
  const wasInterrupted = await follow(session, runs.events(id, after), { stop: stopKeeping(session, id), steps })
  const view = await runs.view(id)
  if (wasInterrupted && view.state !== 'done')
    throw interrupted(`run ${id}: stopped at step ${view.step}; ${resumeAdvice(id)}`)
  if (view.state === 'interrupted') {
    const message = `${view.failure?.message ?? `run ${id}: interrupted`}; ${resumeAdvice(id)}`
    throw new CliError({ code: view.failure?.code ?? 'interrupted', message })
  }
  if (view.state === 'failed') throw new CliError(view.failure ?? { code: 'failed', message: `run ${id}: failed` })
  return view
}

/** Follows a run and says how it ended and what can be done with it. */
export async function followAndSummarise(session: Session, id: string, after: number): Promise<ExitCode> {
  const view = await followRun(session, id, after)
  const next = view.state === 'stopped' ? resumeAdvice(id) : `export it with: graft export ${id}`
  say(session, 'run', { id, state: view.state, step: view.step }, [...summaryLines(view), next])
  return exitCodes.ok
}
