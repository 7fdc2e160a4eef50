import { buildSampling, parseModelRef } from '../spec/build-run-spec'
import { exitCodes, usageError } from '../exit'
import { addOptions, samplingOptions } from '../spec/run-options'
import { speakersOf } from '../spec/speakers'
import { finishJob, type CommandSpec, type Session } from '../session'

interface Asked {
  readonly runs: readonly string[]
  readonly adapters: readonly string[]
  readonly model: string | undefined
  readonly base: boolean
}

/** What says who answers. @throws CliError (usage) */
async function whose(session: Session, { runs, adapters, model, base }: Asked): Promise<object> {
  if (adapters.length > 0 || runs.length > 1) return speakersOf(session, { runs, adapters, model, base })
  const [runId] = runs
  if ((runId === undefined) === (model === undefined))
    throw usageError('sample: expected either a run or --model, got both or neither')
  if (base && runId === undefined) throw usageError('sample: expected a run with --base, got a model, which is one')
  if (runId !== undefined) await session.studio.runs.view(runId)
  return model === undefined ? { runId, base } : { model: parseModelRef(model) }
}

const collect = (value: string, before: readonly string[]): readonly string[] => [...before, value]

export const sampleCommand: CommandSpec = {
  usage: 'sample [runs...]',
  summary: 'let runs, adapters or a base model answer a prompt',
  configure(command) {
    command
      .requiredOption('--prompt <text>', 'what to answer')
      .option('--model <folder|file.gguf|starter>', 'a base model')
      .option(
        '--adapter <folder>',
        'an adapter on it, by PEFT, AdapterHub or Graft; give it again for more',
        collect,
        [],
      )
      .option(
        '--base',
        "the run's base model, with what was trained switched off; beside several or --adapter it answers too",
      )
    addOptions(command, samplingOptions)
  },
  async run(session, runs, options) {
    const { adapter, model, base, prompt } = options as {
      adapter: string[]
      model?: string
      base?: true
      prompt: string
    }
    const who = await whose(session, { runs, adapters: adapter, model, base: base === true })
    const payload = { ...who, prompt, sampling: buildSampling(options) }
    await finishJob(session, session.studio.jobs.startJob({ kind: 'sample', payload }))
    if (!session.json) session.terminal.out('')
    return exitCodes.ok
  },
}
