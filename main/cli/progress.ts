import type { JobEvent } from '../../preload/contract'
import { formatBytes, formatCount, formatDuration, formatShare, progressBar } from './format'
import type { Terminal } from './terminal'

type EventOf<T extends JobEvent['type']> = Extract<JobEvent, { type: T }>

/** What a reporter remembers between events. */
interface Memory {
  steps: number
  stage: string
  speaker: string
}

type Rules = { readonly [T in JobEvent['type']]: (event: EventOf<T>, memory: Memory, terminal: Terminal) => void }

/** Without a live terminal about so many lines tell of a whole run. */
const plainLines = 12

function stepLine(event: EventOf<'step'>, steps: number): string {
  const parts = [
    steps > 0 ? `${event.step}/${steps}` : String(event.step),
    `loss ${event.loss.toFixed(4)}`,
    // Both without padding: what is read, and what is learned from.
    `${formatCount(event.tokensPerSecond)} tokens/s (${formatCount(event.trainedTokensPerSecond)} trained)`,
    formatBytes(event.memory),
    `${formatDuration(event.secondsLeft)} left`,
  ]
  return parts.join('  ')
}

const rules: Rules = {
  state: (event, _memory, terminal) => {
    if (event.state === 'paused') terminal.err('paused')
    else terminal.status(event.state === 'queued' ? 'waiting for the worker' : '')
  },
  stage: (event, memory, terminal) => {
    const share =
      event.total > 0 ? `  ${progressBar(event.done, event.total)} ${formatShare(event.done / event.total)}` : ''
    if (terminal.live) terminal.status(`${event.stage}${share}`)
    else if (event.stage !== memory.stage) terminal.err(event.stage)
    memory.stage = event.stage
  },
  prepared: (event, memory, terminal) => {
    memory.steps = event.steps
    const share = formatShare(event.trainableParameters / event.parameters)
    const memoryNeeded = event.memory.reduce((sum, part) => sum + part.bytes, 0)
    terminal.err(
      `${event.modelName}: training ${formatCount(event.trainableParameters)} of ${formatCount(event.parameters)} parameters ` +
        `(${share}) on ${event.trainRows} rows, ${event.validationRows} held out; ${event.steps} steps, ` +
        `${event.threads} threads, about ${formatBytes(memoryNeeded)}`,
    )
    for (const note of event.notes) terminal.err(`note: ${note}`)
  },
  step: (event, { steps }, terminal) => {
    if (terminal.live) return terminal.status(`${progressBar(event.step, steps)} ${stepLine(event, steps)}`)
    const every = Math.max(1, Math.ceil(steps / plainLines))
    if (event.step === 1 || event.step === steps || event.step % every === 0)
      terminal.err(`step ${stepLine(event, steps)}`)
  },
  evaluation: (event, _memory, terminal) => {
    const best = event.best ? '  (best)' : ''
    terminal.err(
      `step ${event.step}: held-out loss ${event.loss.toFixed(4)}  perplexity ${event.perplexity.toFixed(2)}${best}`,
    )
  },
  score({ step, score }, _memory, terminal) {
    const { kind, value, rows, macroF1, noLabel } = score
    const more = [
      macroF1 === undefined ? [] : [`macro-F1 ${formatShare(macroF1)}`],
      noLabel === undefined ? [] : [`${formatShare(noLabel)} of the answers are no label`],
    ]
    terminal.err([`step ${step}: ${kind} ${formatShare(value)} of ${rows} held-out rows`, ...more.flat()].join(', '))
  },
  // Answers belong at the end, side by side; a terminal would lose them between progress lines.
  sample: () => undefined,
  checkpoint: () => undefined,
  token({ text, speaker = '' }, memory, terminal) {
    if (speaker !== memory.speaker) terminal.write(`${memory.speaker === '' ? '' : '\n\n'}${speaker}:\n`)
    memory.speaker = speaker
    terminal.write(text)
  },
  log: (event, _memory, terminal) => terminal.err(event.level === 'warning' ? `warning: ${event.text}` : event.text),
  result: () => undefined,
}

export type Reporter = (event: JobEvent) => void

/**
 * Tells a person what a job is doing: one rewritten line on a live terminal, a few plain lines elsewhere.
 * @param steps of the whole run, where they are known before the job says so
 */
export function createReporter(terminal: Terminal, steps = 0): Reporter {
  const memory: Memory = { steps, stage: '', speaker: '' }
  return (event) =>
    (rules[event.type] as (event: JobEvent, memory: Memory, terminal: Terminal) => void)(event, memory, terminal)
}

/** Prints every event as one line of JSON on standard output. */
export function createJsonReporter(terminal: Pick<Terminal, 'out'>): Reporter {
  return (event) => terminal.out(JSON.stringify(event))
}
