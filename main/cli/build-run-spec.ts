import type { z } from 'zod'
import {
  runSpecSchema,
  samplingSchema,
  type ColumnMapping,
  type ModelRef,
  type RunSpec,
  type Sampling,
  type Validation,
} from '../../preload/contract'
import { usageError } from './exit'
import { parseSetting, readOptions, runOptions, samplingOptions } from './run-options'

const allOptions = [...runOptions, ...samplingOptions]

export interface SpecSource {
  /** What commander read. */
  readonly options: Readonly<Record<string, unknown>>
  readonly model: ModelRef
  readonly datasetId: string
  readonly mapping?: ColumnMapping | undefined
  readonly validation?: Validation | undefined
}

function describe(issue: z.core.$ZodIssue, prefix: readonly string[] = []): string {
  const path = [...prefix, ...issue.path.map(String)].join('.')
  const flag = allOptions.find((option) => option.path.join('.') === path)?.flag
  return `${flag ? `--${flag}` : path || 'options'}: ${issue.message.replace(/^Invalid (input|option): /, '')}`
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

/**
 * The run that a command line asks for.
 * @throws CliError (usage) naming every option that is wrong, in one message.
 */
export function buildRunSpec(source: SpecSource): RunSpec {
  const method = { id: String(source.options['method'] ?? 'lora'), parameters: settings(source.options['set']) }
  const dataset = { id: source.datasetId, ...(source.mapping && { mapping: source.mapping }) }
  const given = readOptions(source.options, allOptions)
  const training = { ...(given['training'] ?? {}), ...(source.validation && { validation: source.validation }) }
  const parsed = runSpecSchema.safeParse({
    ...given,
    training,
    model: source.model,
    dataset,
    method,
  })
  if (!parsed.success) throw usageError(parsed.error.issues.map((issue) => describe(issue)).join('; '))
  return parsed.data
}

/** The sampling part alone, for `graft sample`. */
export function buildSampling(options: Readonly<Record<string, unknown>>): Sampling {
  const parsed = samplingSchema.safeParse(readOptions(options, samplingOptions)['sampling'] ?? {})
  if (!parsed.success) throw usageError(parsed.error.issues.map((issue) => describe(issue, ['sampling'])).join('; '))
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
