import type { Command } from 'commander'
import type { ColumnMapping, Validation } from '../../../preload/contract'
import { parseMapping } from './build-run-spec'
import { usageError } from '../exit'
import { addMappingOptions } from './run-options'

/** How a file is to become a dataset. */
export interface DataRequest {
  /** What the columns are, or that the studio's own suggestion is to be taken where the form is not known. */
  readonly mapping?: ColumnMapping | 'suggested' | undefined
  readonly sheet?: string | undefined
  readonly encoding?: string | undefined
}

/** The options of every command that reads a file. */
export function addDataOptions(command: Command): Command {
  return addMappingOptions(command)
    .option('--map <suggested>', 'take the columns that the file itself suggests')
    .option('--sheet <name>', 'the sheet of an xlsx file (otherwise the first)')
    .option('--encoding <name>', 'the encoding of a text file (otherwise it is found out)')
}

type Values = Readonly<Record<string, unknown>>

/** @throws CliError (usage) */
export function parseDataRequest(options: Values): DataRequest {
  const { map, sheet, encoding } = options as Partial<Record<string, string>>
  const named = parseMapping(options)
  if (map !== undefined && map !== 'suggested')
    throw usageError(`--map: expected "suggested", got "${map}"; or name the columns with --input and --answer`)
  if (map !== undefined && named) throw usageError('--map: expected either this or --input and --answer, got both')
  return { mapping: named ?? (map === undefined ? undefined : 'suggested'), sheet, encoding }
}

/** The options that say which rows are held out, where it is not a share of them. */
export function addValidationOptions(command: Command): Command {
  return command
    .option('--validation-data <data>', 'validate on the rows of another file or dataset')
    .option('--validation-column <x=y>', 'validate on the rows with this value in a column, for example split=test')
}

export interface ValidationRequest {
  /** A file, a dataset or a sample, like `--data`. */
  readonly data?: string | undefined
  readonly column?: Extract<Validation, { kind: 'column' }> | undefined
}

/** @throws CliError (usage) */
export function parseValidation(options: Values): ValidationRequest {
  const { validationData: data, validationColumn: pair } = options as Partial<Record<string, string>>
  if (pair === undefined) return { data }
  if (data !== undefined)
    throw usageError('--validation-column: expected either this or --validation-data, got both; leave one out')
  const [, column, value] = /^(.+?)=(.*)$/s.exec(pair) ?? []
  if (column === undefined || value === undefined)
    throw usageError(`--validation-column: expected COLUMN=VALUE, got "${pair}"; for example split=test`)
  return { column: { kind: 'column', column, value } }
}

/** A mapping in words, for a person who is to agree to it. */
export function describeMapping({ input, answer, instruction }: ColumnMapping): string {
  const asked = instruction === undefined ? '' : `, under the instruction "${instruction}"`
  return `${input.join(' and ')} as the input and ${answer} as the answer${asked}`
}
