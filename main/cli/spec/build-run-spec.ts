import { resolve } from 'node:path'
import type { z } from 'zod'
import {
  runSpecSchema,
  samplingSchema,
  type ColumnMapping,
  type ModelRef,
  type RunSpec,
  type Sampling,
  type Validation,
} from '../../../preload/contract'
import { usageError } from '../exit'
import type { ConfigFile } from './config-file'
import { camel, parseSetting, readOptions, runOptions, samplingOptions } from './run-options'
import { overlay, valueAt, type Tree } from './tree'

const allOptions = [...runOptions, ...samplingOptions]

export interface SpecSource {
  /** What commander read. */
  readonly options: Readonly<Record<string, unknown>>
  /** What counts where no option says otherwise: the settings of a run that is continued. */
  readonly origin?: Tree
  /** Over those: a config file. */
  readonly file?: ConfigFile | undefined
  /** A dataset of the workspace; absent: not known yet. */
  readonly dataset?: { readonly id: string; readonly mapping?: ColumnMapping | undefined }
  readonly validation?: Validation | undefined
}

const flags = [{ flag: 'model', path: ['model'] }, { flag: 'method', path: ['method', 'id'] }, ...allOptions]

/** Names the option or the place in the file that is wrong. */
function describe(
  issue: z.core.$ZodIssue,
  { options, file }: Pick<SpecSource, 'options' | 'file'>,
  prefix = '',
): string {
  const path = prefix + issue.path.map(String).join('.')
  const option = flags.find((each) => each.path.join('.') === path)
  const isOption =
    option && (options[camel(option.flag)] !== undefined || !file || valueAt(file.tree, path) === undefined)
  const place = isOption ? `--${option.flag}` : [file?.name, path || 'options'].filter(Boolean).join(': ')
  return `${place}: ${issue.message.replace(/^Invalid (input|option): /, '')}`
}

function settings(list: unknown): Record<string, string | number | boolean> {
  const given = Array.isArray(list) ? list.map(String) : []
  return Object.fromEntries(
    given.map((text) => {
      const pair = parseSetting(text)
      if (!pair) throw usageError(`--set: expected NAME=VALUE, got "${text}"; for example --set r=8`)
      return pair
    }),
  )
}

/** The options as a tree; only what was given. */
function givenOptions({ options, dataset, validation }: SpecSource, below: Tree): Tree {
  const { model, method, set } = options
  const id = typeof method === 'string' ? method : (valueAt(below, 'method.id') ?? 'lora')
  return {
    ...readOptions(options, allOptions),
    ...(typeof model === 'string' && { model: parseModelRef(model) }),
    method: { id, parameters: settings(set) },
    ...(dataset && { dataset: { id: dataset.id, ...(dataset.mapping && { mapping: dataset.mapping }) } }),
    ...(validation && { training: { ...(readOptions(options, allOptions)['training'] ?? {}), validation } }),
  }
}

/** What was said before any option: the defaults of the command line, what is continued, the file. */
export function settingsBelow({ origin = {}, file }: Pick<SpecSource, 'origin' | 'file'>): Tree {
  return [origin, file?.tree ?? {}].reduce<Tree>((under, over) => overlay(under, over), { model: { kind: 'starter' } })
}

/**
 * The run that a command line asks for.
 * @throws CliError (usage) naming every option, and every place of the file, that is wrong, in one message.
 */
export function buildRunSpec(source: SpecSource): RunSpec {
  const below = settingsBelow(source)
  // A run is asked for in two steps: the data is not imported before all else is known to be right.
  const parsed = runSpecSchema.safeParse({ dataset: { id: 'unknown' }, ...overlay(below, givenOptions(source, below)) })
  if (!parsed.success) throw usageError(parsed.error.issues.map((issue) => describe(issue, source)).join('; '))
  const { model, ...spec } = parsed.data
  return { ...spec, model: model.kind === 'folder' ? { ...model, path: resolve(model.path) } : model }
}

/** The sampling part alone, for `graft sample`. */
export function buildSampling(options: Readonly<Record<string, unknown>>): Sampling {
  const parsed = samplingSchema.safeParse(readOptions(options, samplingOptions)['sampling'] ?? {})
  if (!parsed.success)
    throw usageError(parsed.error.issues.map((issue) => describe(issue, { options }, 'sampling.')).join('; '))
  return parsed.data
}

/** `starter`, a folder in the layout of Hugging Face, or a .gguf file. */
export function parseModelRef(text: string): ModelRef {
  return text === 'starter' ? { kind: 'starter' } : { kind: 'folder', path: text }
}

/** `--input`, `--answer`, `--system` and `--instruction`, or undefined where none of them is given. */
export function parseMapping(options: Readonly<Record<string, unknown>>): ColumnMapping | undefined {
  const { input, answer, system, instruction } = options as Partial<Record<string, string>>
  if (input === undefined && answer === undefined) return undefined
  if (!input || !answer) throw usageError('--input and --answer: expected both, got one; name the columns of the file')
  const columns = input.split(',').map((name) => name.trim())
  return { form: 'mapped', input: columns, answer, ...(system && { system }), ...(instruction && { instruction }) }
}
