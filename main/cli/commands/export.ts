import { cp, readdir } from 'node:fs/promises'
import { resolve } from 'node:path'
import {
  exportFormatSchema,
  exportTypes,
  exportTypeSchema,
  type ExportRequest,
  type ExportResult,
} from '../../../preload/contract'
import { CliError, exitCodes, usageError } from '../exit'
import { formatBytes, table } from '../format'
import { say, type CommandSpec } from '../session'

/** Copies an export to where the person wants it. Files that lie there already are never replaced. */
async function copyTo(result: ExportResult, out: string): Promise<ExportResult> {
  const path = resolve(out)
  const inside = await readdir(path).catch(() => [])
  if (inside.length > 0) {
    const message = `--out "${path}": expected a new or empty folder, got one with files; choose another`
    throw new CliError({ code: 'export-failed', message })
  }
  await cp(result.path, path, { recursive: true })
  return { ...result, path, usage: result.usage.replaceAll(result.path, path) }
}

const digits = (value: number): string => String(Number(value.toPrecision(2)))

/** What was compared after the files were loaded again. */
function proof({ logits, greedy, template }: ExportResult['certificate']): string {
  const read = template ? `, ${template.same} of ${template.conversations} conversations read alike` : ''
  return `parity: logits within ${digits(logits.largestDifference)} (at most ${digits(logits.allowed)}), ${greedy.agreeing} of ${greedy.positions} tokens alike${read}`
}

function lines({ path, files, usage, certificate }: ExportResult): string[] {
  const listed = table(files.map(({ name, bytes }) => [`  ${name}`, formatBytes(bytes)]))
  return [path, ...listed, proof(certificate), '', usage]
}

/** @throws CliError for a format or a type that there is not */
function requestOf(options: Readonly<Record<string, unknown>>): ExportRequest {
  const format = exportFormatSchema.safeParse(options['format'])
  if (!format.success)
    throw usageError(
      `--format: expected one of ${exportFormatSchema.options.join(', ')}, got ${String(options['format'])}`,
    )
  if (options['type'] === undefined) return { format: format.data }
  const type = exportTypeSchema.safeParse(String(options['type']).toUpperCase())
  const known = exportTypes[format.data]
  if (type.success && known.includes(type.data)) return { format: format.data, type: type.data }
  const expected = known.length > 0 ? `one of ${known.join(', ')}` : `none for ${format.data}, which is always float32`
  throw usageError(`--type: expected ${expected}, got ${String(options['type'])}`)
}

export const exportCommand: CommandSpec = {
  usage: 'export <run>',
  summary: 'write a run as files that other programs load',
  configure(command) {
    command
      .option('--format <name>', `one of ${exportFormatSchema.options.join(', ')}`, 'peft')
      .option('--type <name>', `what weights are stored as: ${exportTypeSchema.options.join(', ')}`)
      .option('--out <dir>', 'where to put it; otherwise inside the run')
  },
  async run(session, [id = ''], options) {
    const { format, type } = requestOf(options)
    const made = await session.studio.runs.export(id, format, type)
    const out = options['out']
    const result = typeof out === 'string' ? await copyTo(made, out) : made
    say(session, 'export', result, lines(result))
    return exitCodes.ok
  },
}
