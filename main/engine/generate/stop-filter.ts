/** Lets a growing text through up to the first stop string. */
export interface StopFilter {
  /** The text that is certain to be part of the answer by now; nothing any more once a stop string was complete. */
  push(piece: string): string
  /** What was held back, where the text ended without a stop string. */
  flush(): string
  readonly stopped: boolean
}

/** Where the stop string that is complete first begins, or -1. Of several that end together the longest counts. */
function firstStop(text: string, stops: readonly string[]): number {
  let found = { start: -1, end: Infinity }
  for (const stop of stops) {
    const start = text.indexOf(stop)
    const end = start + stop.length
    if (start >= 0 && (end < found.end || (end === found.end && start < found.start))) found = { start, end }
  }
  return found.start
}

/** How much of the text's end could be the beginning of a stop string. */
function openLength(text: string, stops: readonly string[]): number {
  let open = 0
  for (const stop of stops)
    for (let length = Math.min(stop.length - 1, text.length); length > open; length--)
      if (stop.startsWith(text.slice(-length))) open = length
  return open
}

/**
 * A stop string may come in pieces. Text that could be the beginning of one is held back until that is decided, so that
 * no part of a stop string is ever shown. How the text is cut into pieces makes no difference.
 */
export function createStopFilter(wanted: readonly string[]): StopFilter {
  const stops = wanted.filter((stop) => stop !== '')
  let held = ''
  let stopped = false
  return {
    push(piece) {
      if (stopped) return ''
      const text = held + piece
      const stop = firstStop(text, stops)
      stopped = stop >= 0
      const end = stopped ? stop : text.length - openLength(text, stops)
      held = stopped ? '' : text.slice(end)
      return text.slice(0, end)
    },
    flush() {
      const rest = held
      held = ''
      return rest
    },
    get stopped() {
      return stopped
    },
  }
}
