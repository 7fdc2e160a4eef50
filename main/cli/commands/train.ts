import { buildRunSpec, parseModelRef } from '../build-run-spec'
import { addDataOptions, addValidationOptions, parseDataRequest, parseValidation } from '../data/data-options'
import { findOrImport, findValidation } from '../find-or-import'
import { followAndSummarise } from '../follow-run'
import { addOptions, runOptions, samplingOptions } from '../run-options'
import type { CommandSpec } from '../session'

export const trainCommand: CommandSpec = {
  usage: 'train',
  summary: 'train a model on a dataset',
  configure(command) {
    command
      .requiredOption('--data <file|dataset>', 'a file to import, the id of a dataset, or of an embedded sample')
      .option(
        '--model <folder|file.gguf|starter>',
        'a Hugging Face folder, a GGUF file, or the embedded starter',
        'starter',
      )
      .option('--method <id>', 'how to train', 'lora')
      .option('--set <name=value...>', 'a parameter of the method, for example r=8')
    addOptions(addValidationOptions(addDataOptions(command)), [...runOptions, ...samplingOptions])
  },
  async run(session, _args, options) {
    const model = parseModelRef(String(options['model']))
    const request = parseDataRequest(options)
    const held = parseValidation(options)
    // Once with a stand-in: a mistyped option is to be told before a large file is imported.
    buildRunSpec({ options, model, datasetId: 'unknown' })
    const dataset = await findOrImport(session, String(options['data']), request)
    const validation = await findValidation(session, held, dataset, request)
    const { id: datasetId, mapping } = dataset
    const id = await session.studio.runs.createAndStart(
      buildRunSpec({ options, model, datasetId, mapping, validation }),
    )
    if (session.json) session.terminal.out(JSON.stringify({ type: 'run', id }))
    else session.terminal.err(`run ${id}`)
    return followAndSummarise(session, id, 0)
  },
}
