/** Words for units, from the locale's messages. */
export interface UnitWords {
  readonly hour: string
  readonly minute: string
  readonly second: string
}

/** 11015040 → `11M` or `1102万`: a count rounded for people. */
export function formatCount(count: number, locale: string): string {
  const digits = { notation: 'compact', maximumSignificantDigits: 3 } as const
  return new Intl.NumberFormat(locale, count < 10_000 ? {} : digits).format(count)
}

/** `a, b, c`; of a long list the beginning, and how many there are: `a, b, … (77)`. */
export function formatList(items: readonly string[], shown = 24): string {
  return items.length <= shown ? items.join(', ') : `${items.slice(0, shown).join(', ')}, … (${items.length})`
}

/** 0.00123 → `0.00123`; 3.14159 → `3.142`; 123.4 → `123.4`: four significant digits, as losses are read. */
export function formatLoss(loss: number): string {
  if (!Number.isFinite(loss)) return String(loss)
  if (loss !== 0 && Math.abs(loss) < 1e-4) return loss.toExponential(1)
  return Math.abs(loss) >= 1000 ? loss.toFixed(0) : loss.toPrecision(4).replace(/^(-?0\.\d{4})\d+$/, '$1')
}

/** 432013312 → `412 MB`, in steps of 1024. */
export function formatBytes(bytes: number): string {
  const units = ['B', 'KB', 'MB', 'GB', 'TB']
  const power = bytes < 1 ? 0 : Math.min(Math.floor(Math.log2(bytes) / 10), units.length - 1)
  const value = bytes / 1024 ** power
  return `${value < 10 && power > 2 ? value.toFixed(1) : Math.round(value)} ${units[power]}`
}

/** `3.1 / 16 GB`: a part of a whole in the whole's unit. */
export function formatMemory(used: number, total: number): string {
  const gigabyte = 1024 ** 3
  return `${(used / gigabyte).toFixed(1)} / ${Math.round(total / gigabyte)} GB`
}

/** 200 → `3 min 20 s`; above an hour without seconds, above ten minutes in whole minutes. */
export function formatDuration(seconds: number, words: UnitWords): string {
  const whole = Math.max(0, Math.round(seconds))
  const hours = Math.floor(whole / 3600)
  const minutes = Math.floor((whole % 3600) / 60)
  const parts: string[] = []
  if (hours > 0) parts.push(`${hours} ${words.hour}`)
  if (minutes > 0) parts.push(`${minutes} ${words.minute}`)
  if (hours === 0 && minutes < 10 && (whole % 60 > 0 || minutes === 0)) parts.push(`${whole % 60} ${words.second}`)
  return parts.join(' ')
}

/** 0.9375 → `94 %`. */
export function formatShare(share: number): string {
  return `${Math.round(share * 100)} %`
}

/** 1234.5 → `1,235`; below 10 with one digit. */
export function formatRate(rate: number, locale: string): string {
  return new Intl.NumberFormat(locale, { maximumFractionDigits: rate < 10 ? 1 : 0 }).format(rate)
}

/** A small number as it is typed: `0.002`, `2e-5`. */
export function formatScientific(value: number): string {
  if (value === 0 || Math.abs(value) >= 1e-4) return String(value)
  return value.toExponential()
}

/** The moment in the person's own words: time today, date otherwise. */
export function formatMoment(iso: string, now: Date, locale: string): string {
  const moment = new Date(iso)
  const time: Intl.DateTimeFormatOptions = { hour: '2-digit', minute: '2-digit' }
  if (moment.toDateString() === now.toDateString()) return new Intl.DateTimeFormat(locale, time).format(moment)
  return new Intl.DateTimeFormat(locale, { month: 'short', day: 'numeric', ...time }).format(moment)
}
