import type { JsonObject } from '../read-files'
import { reject, type Parsed } from './row-content'

/** The text of a field that must be there. The text itself is never changed. */
export function requireText(row: JsonObject, field: string, path = field): Parsed<string> {
  const value = row[field]
  if (value === undefined || value === null) return reject('field-missing', `the field "${path}" is missing`, path)
  return typeof value === 'string' ? value : wrongType(path, 'text', value)
}

/** The text of a field that may be missing or null: then the empty text. */
export function optionalText(row: JsonObject, field: string): Parsed<string> {
  const value = row[field] ?? ''
  return typeof value === 'string' ? value : wrongType(field, 'text', value)
}

/** Like {@link requireText}, but a number or a truth value counts as its text: class labels are often numbers. */
export function requireScalar(row: JsonObject, field: string): Parsed<string> {
  const value = row[field]
  return typeof value === 'number' || typeof value === 'boolean' ? String(value) : requireText(row, field)
}

export function wrongType(field: string, expected: string, value: unknown): Parsed<never> {
  return reject('field-type', `the field "${field}" must be ${expected}, but is ${describe(value)}`, field)
}

export function isBlank(text: string): boolean {
  return text.trim() === ''
}

function describe(value: unknown): string {
  if (value === null) return 'null'
  if (Array.isArray(value)) return 'a list'
  return typeof value === 'object' ? 'an object' : `a ${typeof value}`
}
