import { cp, readdir } from 'node:fs/promises'
import { resolve } from 'node:path'
import { exportFormatSchema, type ExportResult } from '../../../preload/contract'
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

function lines({ path, files, usage }: ExportResult): string[] {
  return [path, ...table(files.map(({ name, bytes }) => [`  ${name}`, formatBytes(bytes)])), '', usage]
}

export const exportCommand: CommandSpec = {
  usage: 'export <run>',
  summary: 'write a run as files that other programs load',
  configure(command) {
    command
      .option('--format <name>', `${exportFormatSchema.options.join(' or ')}`, 'peft')
      .option('--out <dir>', 'where to put it; otherwise inside the run')
  },
  async run(session, [id = ''], options) {
    const format = exportFormatSchema.safeParse(options['format'])
    if (!format.success) {
      throw usageError(
        `--format: expected ${exportFormatSchema.options.join(' or ')}, got ${String(options['format'])}`,
      )
    }
    const made = await session.studio.runs.export(id, format.data)
    const out = options['out']
    const result = typeof out === 'string' ? await copyTo(made, out) : made
    say(session, 'export', result, lines(result))
    return exitCodes.ok
  },
}
