import { buildSampling, parseModelRef } from '../spec/build-run-spec'
import { exitCodes, usageError } from '../exit'
import { addOptions, samplingOptions } from '../spec/run-options'
import { finishJob, type CommandSpec } from '../session'

export const sampleCommand: CommandSpec = {
  usage: 'sample [run]',
  summary: 'let a run, or a base model, answer a prompt',
  configure(command) {
    command
      .requiredOption('--prompt <text>', 'what to answer')
      .option('--model <folder|file.gguf|starter>', 'a base model')
      .option('--base', "the run's base model, with what was trained switched off")
    addOptions(command, samplingOptions)
  },
  async run(session, [runId], options) {
    const model = options['model']
    if ((runId === undefined) === (typeof model !== 'string')) {
      throw usageError('sample: expected either a run or --model, got both or neither')
    }
    const base = options['base'] === true
    if (base && runId === undefined) throw usageError('sample: expected a run with --base, got a model, which is one')
    if (runId !== undefined) await session.studio.runs.view(runId)
    const whose = typeof model === 'string' ? { model: parseModelRef(model) } : { runId, base }
    const payload = { ...whose, prompt: options['prompt'], sampling: buildSampling(options) }
    await finishJob(session, session.studio.jobs.startJob({ kind: 'sample', payload }))
    if (!session.json) session.terminal.out('')
    return exitCodes.ok
  },
}
