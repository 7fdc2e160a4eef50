import { formatBytes } from './format'

const sizes = /(bytes|memory|memoryTotal|memoryFree|diskFree)$/i

function text(name: string, value: unknown): string {
  if (typeof value !== 'number') return String(value)
  if (sizes.test(name)) return formatBytes(value)
  return Number.isInteger(value) ? String(value) : value.toPrecision(5)
}

/** A job's result as `name  value` lines; what lies deeper has its path as its name. */
export function resultLines(result: Readonly<Record<string, unknown>>, prefix = ''): string[] {
  return Object.entries(result).flatMap(([name, value]) => {
    const path = prefix ? `${prefix}.${name}` : name
    if (typeof value !== 'object' || value === null) return [`${path}  ${text(name, value)}`]
    return resultLines(value as Record<string, unknown>, path)
  })
}
