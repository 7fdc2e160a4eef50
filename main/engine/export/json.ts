import { GraftError } from '../errors'
import type { FileSource } from '../tensor'

export type Json = Readonly<Record<string, unknown>>

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

/**
 * A JSON object in a file, or undefined where there is no such file.
 * @throws GraftError `config-invalid` where it is something else
 */
export async function readJsonFile(files: FileSource, name: string): Promise<Json | undefined> {
  const source = await files.open(name)
  if (!source) return undefined
  const bytes = new Uint8Array(source.size)
  await source.read(0, bytes)
  const value = parse(new TextDecoder().decode(bytes))
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Json
  throw new GraftError('config-invalid', `${name}: expected a JSON object, got something else; get the file again`, {
    file: name,
  })
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
