import { writeFile } from 'node:fs/promises'
import type { RunSpec } from '../../../preload/contract'
import { unusualValues } from '../../advisor'
import { exitCodes, usageError, type ExitCode } from '../exit'
import { findOrImport, findValidation } from '../find-or-import'
import { followAndSummarise } from '../follow-run'
import { say, type CommandSpec, type Options, type Session } from '../session'
import { buildRunSpec, settingsBelow, type SpecSource } from '../spec/build-run-spec'
import { readConfigFile } from '../spec/config-file'
import { addDataOptions, addValidationOptions, parseDataRequest, parseValidation } from '../spec/data-options'
import { addGroupedOptions, trainExamples } from '../spec/option-groups'
import { readOrigin } from '../spec/origin'
import { valueAt } from '../spec/tree'

const text = (value: unknown): string | undefined => (typeof value === 'string' ? value : undefined)

/** The data that is named by an option, a file, or the run that is continued; imported where it is a file. */
async function findData(session: Session, source: SpecSource): Promise<RunSpec> {
  const { options } = source
  const below = settingsBelow(source)
  const request = parseDataRequest(options)
  const held = parseValidation(options)
  const data = text(options['data']) ?? text(valueAt(below, 'dataset.id'))
  if (data === undefined) throw usageError('train: expected data, got none; name it with --data or in a config file')
  // Once with a stand-in: a mistyped option is to be told before a large file is imported.
  const draft = buildRunSpec(source)
  const mapping = request.mapping ?? (options['data'] === undefined ? draft.dataset.mapping : undefined)
  const dataset = await findOrImport(session, data, { ...request, mapping })
  const other = draft.training.validation
  const asked = held.data === undefined && !held.column && other?.kind === 'dataset' ? { data: other.id } : held
  const validation = await findValidation(session, asked, dataset, request)
  return buildRunSpec({ ...source, dataset, validation })
}

/** Values beyond what is usual are allowed: a person may know better, but should know. */
function warnOfUnusual({ json, terminal }: Session, spec: RunSpec): void {
  const values = unusualValues(spec)
  if (json && values.length > 0) terminal.out(JSON.stringify({ type: 'unusual', values }))
  if (json) return
  for (const { label, value, usual } of values)
    terminal.err(`${label.en} ${value} is unusual for ${spec.method.id}: usual is ${usual.low} to ${usual.high}`)
}

async function saveConfig(session: Session, spec: RunSpec, path: string): Promise<ExitCode> {
  await writeFile(path, `${JSON.stringify(spec, undefined, 2)}\n`)
  say(session, 'config', { path }, [`${path}: start it with: graft train ${path}`])
  return exitCodes.ok
}

async function train(session: Session, [config]: readonly string[], options: Options): Promise<ExitCode> {
  const file = config === undefined ? undefined : await readConfigFile(config)
  const spec = await findData(session, { options, file, origin: await readOrigin(session, options) })
  const path = text(options['saveConfig'])
  if (path !== undefined) return saveConfig(session, spec, path)
  const id = await session.studio.runs.createAndStart(spec)
  warnOfUnusual(session, spec)
  if (session.json) session.terminal.out(JSON.stringify({ type: 'run', id }))
  else session.terminal.err(`run ${id}`)
  return followAndSummarise(session, id, 0)
}

export const trainCommand: CommandSpec = {
  usage: 'train [config]',
  summary: 'train a model on a dataset',
  configure(command) {
    command
      .optionsGroup('What to train:')
      .option('--data <file|dataset>', 'a file to import, the id of a dataset, or of an embedded sample')
      .option('--model <path|starter>', 'a Hugging Face folder, a GGUF file, or the embedded starter (starter)')
      .option('--method <id>', 'how to train: graft methods lists them (lora)')
      .option('--set <name=value...>', 'a parameter of the method, for example r=8')
      .optionsGroup('Where to start, other than at the base model:')
      .option('--continue <run>', 'go on from what a run has learned, with its settings where none are given')
      .option('--checkpoint <which>', 'of that run: best, last, or a step (best)')
      .option('--adapter <folder>', 'go on from a PEFT adapter')
      .optionsGroup('Settings as a file:')
      .option('--save-config <file>', 'write the settings to a file and train nothing')
    addDataOptions(command.optionsGroup('How the data is read:'))
    addValidationOptions(command.optionsGroup('What is held out:'))
    addGroupedOptions(command)
    command.addHelpText('after', trainExamples)
  },
  run: train,
}
