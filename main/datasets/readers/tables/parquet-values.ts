import type { ParquetParsers } from 'hyparquet'

/** Bytes that a column declares to be text and that are not UTF-8. */
export class InvalidText {}

/** A value that is JSON text already and goes into the row as it stands. */
export class RawJson {
  constructor(readonly text: string) {}
}

const strict = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

function textOf(bytes: Uint8Array): string | undefined {
  try {
    return strict.decode(bytes)
  } catch {
    return undefined
  }
}

const dayMs = 86_400_000

/** A moment as ISO 8601 without a zone, with as many digits after the second as it has. Parquet keeps no text for it. */
function momentText(count: bigint, perSecond: bigint): string {
  const fraction = ((count % perSecond) + perSecond) % perSecond
  const seconds = new Date(Number((count - fraction) / perSecond) * 1000).toISOString().slice(0, -5)
  if (fraction === 0n) return seconds
  const digits = fraction.toString().padStart(perSecond.toString().length - 1, '0')
  return `${seconds}.${digits.replace(/0+$/, '')}`
}

/** What hyparquet makes of types that JSON does not have: texts that lose nothing. */
export const exactParsers: Partial<ParquetParsers> = {
  timestampFromMilliseconds: (count) => momentText(BigInt(count), 1000n),
  timestampFromMicroseconds: (count) => momentText(count, 1_000_000n),
  timestampFromNanoseconds: (count) => momentText(count, 1_000_000_000n),
  dateFromDays: (days) => new Date(days * dayMs).toISOString().slice(0, 10),
  stringFromBytes: (bytes) => textOf(bytes) ?? new InvalidText(),
  jsonFromBytes(bytes) {
    const text = textOf(bytes)
    if (text === undefined) return new InvalidText()
    JSON.parse(text)
    return new RawJson(text.replace(/[\r\n]+/g, ' '))
  },
}

/** An unscaled decimal (an integer, or its bytes, the highest first) as the digits that it stands for. */
export function decimalText(value: unknown, scale: number): string | null {
  if (value === null || value === undefined) return null
  const unscaled = value instanceof Uint8Array ? signedInteger(value) : BigInt(value as number | bigint)
  const digits = (unscaled < 0n ? -unscaled : unscaled).toString().padStart(scale + 1, '0')
  const point = digits.length - scale
  return `${unscaled < 0n ? '-' : ''}${digits.slice(0, point)}${scale > 0 ? `.${digits.slice(point)}` : ''}`
}

function signedInteger(bytes: Uint8Array): bigint {
  const value = BigInt(`0x${Buffer.from(bytes).toString('hex') || '0'}`)
  return BigInt.asIntN(Math.max(1, bytes.length * 8), value)
}

/**
 * A value as JSON text: integers of 64 bits with all their digits, bytes as text where they are UTF-8 and in base64
 * where not, numbers that JSON lacks as text. Undefined where a text in it is not UTF-8.
 */
export function jsonOf(value: unknown): string | undefined {
  if (value === null || value === undefined) return 'null'
  if (typeof value === 'bigint') return value.toString()
  if (typeof value === 'number' && !Number.isFinite(value)) return JSON.stringify(String(value))
  if (typeof value !== 'object') return JSON.stringify(value)
  if (value instanceof InvalidText) return undefined
  if (value instanceof RawJson) return value.text
  if (value instanceof Uint8Array) return JSON.stringify(textOf(value) ?? Buffer.from(value).toString('base64'))
  if (Array.isArray(value)) return joined('[', value.map(jsonOf), ']')
  return joined('{', Object.entries(value).map(fieldOf), '}')
}

function fieldOf([name, value]: [string, unknown]): string | undefined {
  const text = jsonOf(value)
  return text === undefined ? undefined : `${JSON.stringify(name)}:${text}`
}

function joined(open: string, parts: readonly (string | undefined)[], close: string): string | undefined {
  return parts.includes(undefined) ? undefined : open + parts.join(',') + close
}
