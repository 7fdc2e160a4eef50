import { Command, CommanderError } from 'commander'
import { toFailure } from '../files'
import { openStudio } from '../service'
import { commandGroups } from './commands'
import { CliError, exitCodes, type ExitCode } from './exit'
import type { Interrupts } from './interrupts'
import type { CommandSpec, Options } from './session'
import type { Terminal } from './terminal'

export interface CliHost {
  readonly terminal: Terminal
  readonly interrupts: Interrupts
  /** The folder of the running bundle. */
  readonly bundle: string
}

async function perform(spec: CommandSpec, host: CliHost, args: readonly string[], options: Options): Promise<ExitCode> {
  const given = options['workspace']
  const workspace = typeof given === 'string' ? given : spec.workspace?.()
  const studio = await openStudio({ bundle: host.bundle, workspace })
  try {
    const { terminal, interrupts } = host
    return await spec.run({ studio, terminal, interrupts, json: options['json'] === true }, args, options)
  } finally {
    await studio.close()
  }
}

function createProgram(host: CliHost, ended: (code: ExitCode) => void): Command {
  const program = new Command('graft')
    .description('Fine-tune language models on your own computer.')
    .option('--workspace <dir>', 'where datasets and runs are kept (or GRAFT_WORKSPACE)')
    .option('--json', 'print one JSON object a line on standard output')
    .configureOutput({
      writeOut: (text) => host.terminal.write(text),
      writeErr: (text) => host.terminal.err(text.trimEnd()),
    })
    .exitOverride()
  for (const [heading, commands] of commandGroups) {
    program.commandsGroup(heading)
    for (const spec of commands) {
      const command = program.command(spec.usage).description(spec.summary)
      spec.configure?.(command)
      command.action(async () => ended(await perform(spec, host, command.args, command.optsWithGlobals())))
    }
  }
  return program
}

/** What an error means to the shell; says it to the person unless commander has done so. */
function report(error: unknown, { terminal }: CliHost): ExitCode {
  if (error instanceof CommanderError) return error.exitCode === 0 ? exitCodes.ok : exitCodes.usage
  terminal.status('')
  terminal.err(`graft: ${error instanceof CliError ? error.message : toFailure(error).message}`)
  return error instanceof CliError ? error.exitCode : exitCodes.failure
}

/** Runs one command line and returns the exit code. Errors are one message on standard error, never a stack trace. */
export async function runCli(argv: readonly string[], host: CliHost): Promise<ExitCode> {
  let code: ExitCode = exitCodes.ok
  try {
    await createProgram(host, (ended) => (code = ended)).parseAsync(argv, { from: 'user' })
    return code
  } catch (error) {
    return report(error, host)
  }
}
