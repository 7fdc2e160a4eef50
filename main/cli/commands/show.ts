import type { RunSpec, RunView } from '../../../preload/contract'
import { explainRun, type RunExplanation } from '../../advisor'
import { runPaths } from '../../runs'
import { exitCodes, type ExitCode } from '../exit'
import { originOf } from '../follow-run'
import { formatBytes, formatCount, formatShare, table } from '../format'
import { say, type CommandSpec, type Options, type Session } from '../session'

const list = (values: Readonly<Record<string, unknown>>): string =>
  Object.entries(values)
    .map(([name, value]) => `${name}=${String(value)}`)
    .join(' ') || 'as it comes'

const modelText = ({ model }: RunSpec): string => (model.kind === 'starter' ? 'the embedded starter' : model.path)

function lengthText({ training: { steps, epochs, batchSize, accumulation, maxLength } }: RunSpec): string {
  const much = steps === undefined ? `${epochs} epochs` : `${steps} steps`
  const batch = accumulation > 1 ? `${accumulation} × ${batchSize}` : String(batchSize)
  return `${much} of ${batch} rows, at most ${maxLength} tokens each`
}

/** What a run is and how far it has come. */
function aboutLines(view: RunView, folder: string): string[] {
  const { spec, prepared, evaluations } = view
  const { learningRate, schedule, warmup, seed } = spec.training
  const [first, last] = [evaluations[0], evaluations.at(-1)]
  const rows: [string, string | false | undefined][] = [
    ['run', `${view.id}${spec.name && `  "${spec.name}"`}`],
    ['state', `${view.state}, step ${view.step}${prepared ? ` of ${prepared.steps}` : ''}`],
    ['failure', view.failure?.message],
    ['start', originOf(view)],
    ['model', modelText(spec)],
    ['data', spec.dataset.id],
    ['rows', prepared && `${prepared.trainRows} trained on, ${prepared.validationRows} held out`],
    ['method', `${spec.method.id}  ${list(spec.method.parameters)}`],
    ['trains', prepared && trainedText(prepared)],
    ['length', lengthText(spec)],
    ['rate', `${learningRate ?? 'the method’s'}, ${schedule}, warm-up ${warmup}, seed ${seed}`],
    ['loss', first && last && `${first.loss.toFixed(4)} → ${last.loss.toFixed(4)} on held-out rows`],
    ['folder', folder],
  ]
  return table(rows.flatMap(([name, text]) => (text ? [[name, text]] : [])))
}

function trainedText({ parameters, trainableParameters }: NonNullable<RunView['prepared']>): string {
  const share = formatShare(trainableParameters / parameters)
  return `${formatCount(trainableParameters)} of ${formatCount(parameters)} parameters (${share})`
}

function memoryLines({ points }: RunView, { memory, length, keptLayers }: RunExplanation): string[] {
  const total = memory.reduce((sum, { bytes }) => sum + bytes, 0)
  const peak = points.reduce((most, point) => Math.max(most, point.memory), 0)
  const parts = [...memory, { part: 'forecast', bytes: total }].map(({ part, bytes }) => [part, formatBytes(bytes)])
  return [
    `memory of the plan, at ${length} tokens, the activations of ${keptLayers} layers kept`,
    ...table(parts).map((line) => `  ${line}`),
    peak > 0
      ? `measured at most: ${formatBytes(peak)}, of the whole process`
      : 'not measured yet; the process takes about 300 MB more',
  ]
}

/** For `graft train`: with the threads that the run had, so that a rerun makes the same numbers. */
function configOf({ spec, prepared }: RunView): RunSpec {
  return prepared ? { ...spec, training: { ...spec.training, threads: prepared.threads } } : spec
}

const sections = ['memory', 'plan', 'graph'] as const

async function show(session: Session, [id = '']: readonly string[], options: Options): Promise<ExitCode> {
  const { runs, paths } = session.studio
  const view = await runs.view(id)
  if (options['config'] === true) {
    session.terminal.out(JSON.stringify(configOf(view), undefined, session.json ? 0 : 2))
    return exitCodes.ok
  }
  const asked = sections.filter((section) => options[section] === true)
  // Said before the model is looked for: a run whose base model was moved can still be told of.
  if (asked.length === 0 && !session.json)
    for (const line of aboutLines(view, runPaths(paths.runs, id).root)) session.terminal.out(line)
  const explained = await explainRun(view, { starterDir: paths.starter })
  const { points: _points, samples: _samples, ...facts } = view
  say(session, 'show', { run: facts, ...explained }, explanationLines(view, explained, asked))
  return exitCodes.ok
}

type Section = (typeof sections)[number]

function explanationLines(view: RunView, explained: RunExplanation, asked: readonly Section[]): string[] {
  const lines: Readonly<Record<Section, readonly string[]>> = {
    memory: memoryLines(view, explained),
    plan: explained.plan.split('\n'),
    graph: explained.graphs.split('\n'),
  }
  if (asked.length > 0) return asked.flatMap((section) => lines[section])
  return sections.flatMap((section) => ['', ...lines[section]])
}

export const showCommand: CommandSpec = {
  usage: 'show <run>',
  summary: 'print what a run is: settings, plan, graphs, memory',
  configure(command) {
    command
      .option('--plan', 'only the plan: slots, segments, actions')
      .option('--graph', 'only the graph of each segment')
      .option('--memory', 'only the memory: forecast by part, and the measured peak')
      .option('--config', 'only the settings, as graft train takes them')
  },
  run: show,
}
