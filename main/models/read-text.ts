import { GraftError } from '../engine/errors'
import type { FileSource } from '../engine/tensor'

/** Text files of a model folder are small; more than this is something else under their name. */
const maxBytes = 64 * 1024 * 1024

const invalid = (name: string, expected: string, got: string): GraftError =>
  new GraftError('config-invalid', `${name}: expected ${expected}, got ${got}; get the file again`, { file: name })

/** A text file of a folder, or undefined where there is none. */
export async function readText(files: FileSource, name: string): Promise<string | undefined> {
  const source = await files.open(name)
  if (!source) return undefined
  if (source.size > maxBytes) throw invalid(name, 'at most 64 MB', `${source.size} bytes`)
  const bytes = new Uint8Array(source.size)
  await source.read(0, bytes)
  return new TextDecoder().decode(bytes)
}

/**
 * A JSON object of a folder, or undefined where there is no such file.
 * @throws GraftError `config-invalid`
 */
export async function readJsonObject(
  files: FileSource,
  name: string,
): Promise<Readonly<Record<string, unknown>> | undefined> {
  const text = await readText(files, name)
  if (text === undefined) return undefined
  let json: unknown
  try {
    json = JSON.parse(text)
  } catch (error) {
    throw invalid(name, 'JSON', `something else (${error instanceof Error ? error.message : String(error)})`)
  }
  if (typeof json === 'object' && json !== null && !Array.isArray(json)) return json as Record<string, unknown>
  throw invalid(name, 'a JSON object', Array.isArray(json) ? 'a list' : String(json))
}
