import type { Failure } from '../../preload/contract'

/** What the shell is told. */
export const exitCodes = { ok: 0, failure: 1, usage: 2, interrupted: 130 } as const
export type ExitCode = (typeof exitCodes)[keyof typeof exitCodes]

/** An ending with a message for the person and an exit code for the shell. */
export class CliError extends Error {
  override readonly name = 'CliError'
  constructor(
    readonly failure: Failure,
    readonly exitCode: ExitCode = exitCodes.failure,
  ) {
    super(failure.message)
  }
}

/** The command was not written as it must be. */
export const usageError = (message: string): CliError =>
  new CliError({ code: 'invalid-argument', message }, exitCodes.usage)
