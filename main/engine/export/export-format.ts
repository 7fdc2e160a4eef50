import { GraftError } from '../errors'
import { formatName } from '../methods'
import type { AppliedMethod, ExportFormat } from '../nn'

/** @throws GraftError `export-failed` with the formats that are possible instead */
export function refuseFormat({ info }: AppliedMethod, format: ExportFormat): never {
  const possible = info.exports.join(', ') || 'none'
  const message = `export: expected a format that ${info.name.en} can become (${possible}), got ${format}; ${info.name.en} does not end as ${formatName(format)}, choose another format`
  throw new GraftError('export-failed', message, { method: info.id, format, possible: [...info.exports] })
}

/** @throws GraftError `export-failed` where the method's declaration has no such format */
export function requireFormat(method: AppliedMethod, format: ExportFormat): void {
  if (!method.info.exports.includes(format)) refuseFormat(method, format)
}
