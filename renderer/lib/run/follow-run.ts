import type { JobEvent, RunView } from '../../../preload/contract'
import { foldEvents, hasEnded } from './fold-run'

/** Where a followed run comes from; the two calls of the contract that it needs. */
export interface RunSource {
  readonly get: (id: string) => Promise<RunView>
  readonly events: (id: string, after: number, signal: AbortSignal) => Promise<AsyncIterable<JobEvent>>
}

export interface FollowOptions {
  readonly id: string
  readonly source: RunSource
  readonly signal: AbortSignal
  /** Called with every new state of the run; at most once per `interval` while events stream in. */
  readonly onView: (view: RunView) => void
  /** Called when the connection breaks (with the reason; the answer says whether to go on) and when it is back. */
  readonly onTrouble: (error: unknown) => 'retry' | 'give-up'
  /** Waits; rejects or returns early when the signal aborts. */
  readonly wait: (milliseconds: number, signal: AbortSignal) => Promise<void>
  /** Milliseconds for which events are gathered before they are shown. */
  readonly interval: number
}

const firstDelay = 500
const longestDelay = 10_000

/** Delay before the n-th try in a row (from 0): doubling, so that a stopped service is not hammered. */
export const backOff = (attempt: number): number => Math.min(longestDelay, firstDelay * 2 ** attempt)

/** Gathers events and folds them in one go, so that a fast run does not redraw the page for each. */
function gather(options: FollowOptions, start: RunView) {
  let view = start
  let pending: JobEvent[] = []
  let timer: Promise<void> | undefined
  const flush = (): void => {
    if (pending.length === 0 || options.signal.aborted) return
    view = foldEvents(view, pending)
    pending = []
    options.onView(view)
  }
  return {
    flush,
    lastSeq: () => pending[pending.length - 1]?.seq ?? view.lastSeq,
    view: () => view,
    add(event: JobEvent): void {
      pending.push(event)
      timer ??= options.wait(options.interval, options.signal).then(() => {
        timer = undefined
        flush()
      })
    },
  }
}

type Gatherer = ReturnType<typeof gather>

/** Reads one stream until it ends. A gap in the numbers ends it early: the next stream starts at the gap. */
async function readStream(options: FollowOptions, gatherer: Gatherer, opened: () => void): Promise<void> {
  const stream = await options.source.events(options.id, gatherer.lastSeq(), options.signal)
  opened()
  for await (const event of stream) {
    if (options.signal.aborted) return
    if (event.seq <= gatherer.lastSeq()) continue
    if (event.seq > gatherer.lastSeq() + 1) return
    gatherer.add(event)
  }
}

/**
 * Follows a run until it ends or the signal aborts: takes the snapshot, subscribes after its last event, and subscribes
 * again from the last event seen whenever the stream breaks. No event is lost and none counts twice.
 */
export async function followRun(options: FollowOptions): Promise<void> {
  const { signal } = options
  let gatherer: Gatherer | undefined
  let failures = 0
  const opened = (): void => {
    failures = 0
    options.onTrouble(undefined)
  }
  while (!signal.aborted) {
    try {
      gatherer ??= gather(options, await options.source.get(options.id))
      if (!signal.aborted) options.onView(gatherer.view())
      // Even of a run that has ended: it may have been resumed a moment ago, and say so only in its next event.
      await readStream(options, gatherer, opened)
    } catch (error) {
      if (signal.aborted || options.onTrouble(error) === 'give-up') return
    }
    gatherer?.flush()
    if (gatherer && hasEnded(gatherer.view().state)) return
    await options.wait(backOff(failures++), signal)
  }
}
