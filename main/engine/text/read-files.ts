import { GraftError, type ErrorCode } from '../errors'
import type { FileSource } from '../tensor'

/** A whole file as UTF-8 text, or undefined where the folder has none. A byte-order mark is dropped. */
export async function readText(files: FileSource, name: string): Promise<string | undefined> {
  const source = await files.open(name)
  if (!source) return undefined
  const bytes = new Uint8Array(source.size)
  await source.read(0, bytes)
  return new TextDecoder().decode(bytes)
}

/**
 * A whole file as a JSON object, or undefined where the folder has none.
 * @throws GraftError with `code` where the file is no JSON object.
 */
export async function readJsonObject(
  files: FileSource,
  name: string,
  code: ErrorCode,
): Promise<JsonObject | undefined> {
  const text = await readText(files, name)
  if (text === undefined) return undefined
  const value = parseJson(text)
  if (isObject(value)) return value
  throw new GraftError(code, `${name}: expected a JSON object, got something else; download the file again`, {
    file: name,
  })
}

export type JsonObject = Readonly<Record<string, unknown>>

export function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
