import { GraftError } from '../../errors'

/** Reads typed fields of a config.json and says what is wrong with them by name. */
export interface ConfigReader {
  integer(name: string, fallback?: number): number
  number(name: string, fallback?: number): number
  boolean(name: string, fallback: boolean): boolean
  text(name: string, fallback: string): string
  /** A list of exactly so many positive numbers. */
  numbers(name: string, length: number): readonly number[]
  /** A list of texts, or undefined where it is absent or null. */
  texts(name: string): readonly string[] | undefined
  /** A nested object, or undefined where it is absent or null. */
  object(name: string): ConfigReader | undefined
  has(name: string): boolean
}

export type Json = Readonly<Record<string, unknown>>

export function createConfigReader(json: Json, where: string): ConfigReader {
  const fail = (name: string, expected: string, value = json[name]): never => {
    throw new GraftError(
      'config-invalid',
      `${where}: ${name}: expected ${expected}, got ${JSON.stringify(value) ?? 'nothing'}; the file may be incomplete`,
      { field: name },
    )
  }
  const present = (name: string): boolean => json[name] !== undefined && json[name] !== null
  const number = (name: string, fallback?: number): number => {
    const value = present(name) ? json[name] : fallback
    return typeof value === 'number' && Number.isFinite(value) ? value : fail(name, 'a number')
  }
  return {
    has: present,
    number,
    integer(name, fallback) {
      const value = number(name, fallback)
      return Number.isInteger(value) && value > 0 ? value : fail(name, 'a positive integer', value)
    },
    boolean(name, fallback) {
      const value = present(name) ? json[name] : fallback
      return typeof value === 'boolean' ? value : fail(name, 'true or false')
    },
    text(name, fallback) {
      const value = present(name) ? json[name] : fallback
      return typeof value === 'string' ? value : fail(name, 'a text')
    },
    numbers(name, length) {
      const value = json[name]
      const valid = Array.isArray(value) && value.every((item) => Number.isFinite(item) && item > 0)
      return valid && value.length === length ? (value as number[]) : fail(name, `${length} positive numbers`)
    },
    texts(name) {
      if (!present(name)) return undefined
      const value = json[name]
      const valid = Array.isArray(value) && value.every((item) => typeof item === 'string')
      return valid ? (value as string[]) : fail(name, 'a list of texts')
    },
    object(name) {
      if (!present(name)) return undefined
      const value = json[name]
      if (typeof value !== 'object' || Array.isArray(value)) fail(name, 'an object')
      return createConfigReader(value as Json, `${where}: ${name}`)
    },
  }
}
