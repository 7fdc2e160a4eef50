/** A moment as the host's clock shows it; the engine has no clock of its own. Month and day count from 1. */
export interface Moment {
  readonly year: number
  readonly month: number
  readonly day: number
  readonly hour: number
  readonly minute: number
}

const months = [
  'January',
  'February',
  'March',
  'April',
  'May',
  'June',
  'July',
  'August',
  'September',
  'October',
  'November',
  'December',
] as const

const two = (value: number): string => String(value).padStart(2, '0')
const monthName = (moment: Moment): string => months[moment.month - 1] ?? ''

const directives: Readonly<Record<string, (moment: Moment) => string>> = {
  '%Y': (moment) => String(moment.year),
  '%y': (moment) => two(moment.year % 100),
  '%m': (moment) => two(moment.month),
  '%d': (moment) => two(moment.day),
  '%-d': (moment) => String(moment.day),
  '%B': monthName,
  '%b': (moment) => monthName(moment).slice(0, 3),
  '%H': (moment) => two(moment.hour),
  '%M': (moment) => two(moment.minute),
  '%%': () => '%',
}

/**
 * The directives of Python's strftime that chat templates use, always with English month names: the person's locale
 * must not change what a model is trained on. Unknown directives stay as they are.
 */
export function strftime(moment: Moment, format: string): string {
  return format.replace(/%-?[A-Za-z%]/g, (directive) => directives[directive]?.(moment) ?? directive)
}
