import { GraftError } from '../errors'
import type { FileSource } from '../tensor'

export type Json = Readonly<Record<string, unknown>>

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
