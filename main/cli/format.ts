const units = ['B', 'KB', 'MB', 'GB', 'TB']

/** `412 MB`: bytes with decimal units, rounded for people. */
export function formatBytes(bytes: number): string {
  let value = bytes
  let unit = 0
  while (value >= 1000 && unit < units.length - 1) {
    value /= 1000
    unit += 1
  }
  return `${value < 10 && unit > 0 ? value.toFixed(1) : value.toFixed(0)} ${units[unit] ?? 'B'}`
}

/** `1.2 M`, `340 k`, `512`: a count. */
export function formatCount(count: number): string {
  if (count >= 1e9) return `${(count / 1e9).toFixed(1)} B`
  if (count >= 1e6) return `${(count / 1e6).toFixed(1)} M`
  if (count >= 1e4) return `${(count / 1e3).toFixed(0)} k`
  return String(Math.round(count))
}

/** `0:48`, `12:03`, `1:02:09`: seconds as a clock shows them. */
export function formatDuration(seconds: number): string {
  const whole = Math.max(0, Math.round(seconds))
  const two = (value: number): string => String(value).padStart(2, '0')
  const [hours, minutes] = [Math.floor(whole / 3600), Math.floor((whole % 3600) / 60)]
  return hours > 0 ? `${hours}:${two(minutes)}:${two(whole % 60)}` : `${minutes}:${two(whole % 60)}`
}

/** `73 %`: a share of 1. */
export const formatShare = (share: number): string => `${Math.round(share * 100)} %`

/** Names in a line; of a long list the beginning, and how many there are. */
export function formatList(names: readonly string[], shown = 24): string {
  return names.length <= shown ? names.join(', ') : `${names.slice(0, shown).join(', ')}, … (${names.length} in all)`
}

const bars = '▁▂▃▄▅▆▇█'

/** A row of bars, at most `width` of them, each the mean of its part of the series; the tallest is the largest mean. */
export function sparkline(values: readonly number[], width = 40): string {
  const finite = values.filter(Number.isFinite)
  const count = Math.min(width, finite.length)
  const means = Array.from({ length: count }, (_, index) => {
    const part = finite.slice(
      Math.floor((index * finite.length) / count),
      Math.floor(((index + 1) * finite.length) / count),
    )
    return part.reduce((sum, value) => sum + value, 0) / part.length
  })
  const low = Math.min(...means)
  const range = Math.max(...means) - low
  return means.map((mean) => bars[range > 0 ? Math.round(((mean - low) / range) * (bars.length - 1)) : 0]).join('')
}

/** `████░░░░`: how much of a whole is done. */
export function progressBar(done: number, total: number, width = 24): string {
  const filled = total > 0 ? Math.round(Math.min(1, done / total) * width) : 0
  return '█'.repeat(filled) + '░'.repeat(width - filled)
}

/** Breaks text into lines of at most `width` characters, between words where possible. */
export function wrap(text: string, width: number): string[] {
  return text.split(/\r?\n/).flatMap((paragraph) => {
    const lines = ['']
    for (const word of paragraph.split(/(?<=\s)/)) {
      for (let rest = word; rest.length > 0; rest = rest.slice(width)) {
        const last = lines.at(-1) ?? ''
        const piece = rest.slice(0, width)
        if ((last + piece.trimEnd()).length <= width) lines[lines.length - 1] = last + piece
        else lines.push(piece)
      }
    }
    return lines.map((line) => line.trimEnd())
  })
}

/** Two texts in two columns, each with its heading. */
export function sideBySide(
  left: readonly [string, string],
  right: readonly [string, string],
  columns: number,
): string[] {
  const width = Math.max(16, Math.floor((columns - 7) / 2))
  const [a, b] = [wrap(left[1], width), wrap(right[1], width)]
  const row = (x: string, y: string): string => `  ${x.padEnd(width)} │ ${y}`.trimEnd()
  const body = Array.from({ length: Math.max(a.length, b.length) }, (_, index) => row(a[index] ?? '', b[index] ?? ''))
  return [row(left[0], right[0]), row('─'.repeat(width), '─'.repeat(width)), ...body]
}

/** A table as aligned lines; the first row is the heading. */
export function table(rows: readonly (readonly string[])[]): string[] {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => (row[column] ?? '').length)))
  return rows.map((row) =>
    row
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join('  ')
      .trimEnd(),
  )
}
