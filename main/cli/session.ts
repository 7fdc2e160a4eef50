import type { Command } from 'commander'
import type { JobEvent } from '../../preload/contract'
import type { Job } from '../jobs'
import type { Studio } from '../service'
import { CliError, exitCodes, type ExitCode } from './exit'
import type { Interrupts } from './interrupts'
import { createJsonReporter, createReporter, type Reporter } from './progress'
import type { Terminal } from './terminal'

/** What a command has at hand. */
export interface Session {
  readonly studio: Studio
  readonly terminal: Terminal
  readonly interrupts: Interrupts
  /** `--json`: standard output carries JSON lines and nothing else. */
  readonly json: boolean
}

export type Options = Readonly<Record<string, unknown>>

/** One command of `graft`: what it is called, what it takes, what it does. */
export interface CommandSpec {
  /** In commander's notation: `export <run>`. */
  readonly usage: string
  readonly summary: string
  readonly configure?: (command: Command) => unknown
  /** Where the workspace is when nobody says; absent: the person's own. */
  readonly workspace?: () => string
  readonly run: (session: Session, args: readonly string[], options: Options) => Promise<ExitCode>
}

function reporterOf({ json, terminal }: Session, steps: number): Reporter {
  return json ? createJsonReporter(terminal) : createReporter(terminal, steps)
}

/** Prints something of the command's own: a JSON line with `type`, or lines for a person. */
export function say({ json, terminal }: Session, type: string, data: object, lines: readonly string[]): void {
  if (json) terminal.out(JSON.stringify({ type, ...data }))
  else for (const line of lines) terminal.out(line)
}

export const interrupted = (message: string): CliError =>
  new CliError({ code: 'cancelled', message }, exitCodes.interrupted)

export interface FollowOptions {
  /** What the first Ctrl-C does; the second ends all work by force. */
  readonly stop: () => unknown
  /** Steps of the whole run, where they are known already. */
  readonly steps?: number | undefined
}

/** Reports events until they end. Resolves to whether there was a Ctrl-C. */
export async function follow(
  session: Session,
  events: AsyncIterable<JobEvent>,
  { stop, steps = 0 }: FollowOptions,
): Promise<boolean> {
  const report = reporterOf(session, steps)
  const force = (): unknown => session.studio.jobs.shutdown(0)
  const wasInterrupted = await session.interrupts.during([stop, force], async () => {
    for await (const event of events) report(event)
  })
  session.terminal.status('')
  return wasInterrupted
}

/**
 * Follows a short job to its end and returns its result.
 * @throws CliError with the job's failure, or with exit code 130 after Ctrl-C
 */
export async function finishJob(session: Session, job: Job): Promise<Readonly<Record<string, unknown>>> {
  const wasInterrupted = await follow(session, job.events(0), { stop: () => job.cancel('cancelled') })
  const { state, failure, result } = await job.done
  if (wasInterrupted && state !== 'done') throw interrupted(`${job.kind}: interrupted`)
  if (failure) throw new CliError(failure)
  if (state !== 'done') throw new CliError({ code: 'cancelled', message: `${job.kind}: expected done, got ${state}` })
  return result ?? {}
}
