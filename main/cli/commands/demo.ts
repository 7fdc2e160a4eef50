import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { runSpecSchema, type RunSettings, type RunSpec, type RunView } from '../../../preload/contract'
import { CliError, exitCodes } from '../exit'
import { importFirstSample } from '../find-or-import'
import { followRun, scoresOf } from '../follow-run'
import { formatShare, sideBySide, sparkline } from '../format'
import { say, type CommandSpec, type Session } from '../session'

/** By how much the held-out metric must rise for the demo to have shown anything. */
const neededRise = 0.3

function demoSpec(datasetId: string, settings: RunSettings): RunSpec {
  return runSpecSchema.parse({ name: 'demo', model: { kind: 'starter' }, dataset: { id: datasetId }, ...settings })
}

interface Answer {
  readonly prompt: string
  readonly before: string
  readonly after: string
}

/** The held-out answers of the untrained and of the trained model, prompt by prompt. */
function answers({ samples, step }: RunView): Answer[] {
  const last = Math.max(0, ...samples.map((sample) => sample.step).filter((at) => at <= step))
  const after = new Map(samples.filter((sample) => sample.step === last).map((sample) => [sample.index, sample.answer]))
  return samples
    .filter((sample) => sample.step === 0)
    .map(({ index, prompt, answer }) => ({ prompt, before: answer, after: after.get(index) ?? '' }))
}

/** @throws CliError where the run was not measured before and after */
function scores({ id, evaluations }: RunView): { before: number; after: number; kind: string } {
  const [before, after] = scoresOf(evaluations)
  if (before && after) return { before: before.value, after: after.value, kind: after.kind }
  throw new CliError({ code: 'failed', message: `run ${id}: expected a metric before and after training, got none` })
}

/** An export that does not say what the trained model says fails by itself. */
async function exportAdapter({ studio }: Session, runId: string): Promise<string> {
  return (await studio.runs.export(runId, 'peft')).path
}

function report({ terminal, json }: Session, view: RunView): void {
  if (json) return
  const losses = view.points.map((point) => point.loss)
  terminal.out(`\nloss  ${sparkline(losses)}  ${losses[0]?.toFixed(3)} → ${losses.at(-1)?.toFixed(3)}`)
  for (const { prompt, before, after } of answers(view)) {
    terminal.out(`\n${prompt}`)
    for (const line of sideBySide(['before', before], ['after', after], terminal.columns)) terminal.out(line)
  }
}

export const demoCommand: CommandSpec = {
  usage: 'demo',
  summary: 'see it work in two minutes: nothing to bring, nothing to download',
  workspace: () => join(tmpdir(), 'graft-demo'),
  async run(session) {
    const { studio, terminal } = session
    terminal.err(`workspace: ${studio.paths.root}`)
    const { dataset, settings } = await importFirstSample(session)
    terminal.err(`dataset: ${dataset.name}, ${dataset.rows} rows`)
    const id = await studio.runs.createAndStart(demoSpec(dataset.id, settings))
    const view = await followRun(session, id, 0)
    report(session, view)
    const { before, after, kind } = scores(view)
    const adapter = await exportAdapter(session, id)
    const rise = `${kind} on held-out rows: ${formatShare(before)} before, ${formatShare(after)} after`
    say(session, 'demo', { id, kind, before, after, adapter }, ['', rise, `adapter (loads again): ${adapter}`])
    if (after - before >= neededRise) return exitCodes.ok
    const message = `demo: expected the metric to rise by ${formatShare(neededRise)}, got ${formatShare(after - before)}`
    throw new CliError({ code: 'failed', message })
  },
}
