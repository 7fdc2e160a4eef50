import { GraftError } from '../errors'
import type { AppliedMethod } from '../nn'

/** What a run can be written as; `MethodInfo.exports` names them. */
export type ExportFormat = 'peft' | 'adapterhub' | 'merged-hf'

const names: Record<ExportFormat, string> = {
  peft: 'a PEFT adapter',
  adapterhub: 'an AdapterHub adapter',
  'merged-hf': 'a merged model',
}

/** @throws GraftError `export-failed` with the formats that are possible instead */
export function refuseFormat({ info }: AppliedMethod, format: ExportFormat): never {
  const possible = info.exports.join(', ') || 'none'
  const message = `export: expected a format that ${info.name.en} can become (${possible}), got ${format}; ${info.name.en} does not end as ${names[format]}, choose another format`
  throw new GraftError('export-failed', message, { method: info.id, format, possible: [...info.exports] })
}

/** @throws GraftError `export-failed` where the method cannot become the format */
export function requireFormat(method: AppliedMethod, format: ExportFormat): void {
  if (!method.info.exports.includes(format)) refuseFormat(method, format)
}
