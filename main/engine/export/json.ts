import type { Json } from '../checkpoint'

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted)
  if (typeof value !== 'object' || value === null) return value
  const entries = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0))
  return Object.fromEntries(entries.map(([key, item]) => [key, sorted(item)]))
}

/** JSON as transformers and PEFT write it: keys sorted at every level, indented by 2, a newline at the end. */
export function jsonText(value: Json): string {
  return `${JSON.stringify(sorted(value), null, 2)}\n`
}
