import type { JobEvent, JobEventBody } from '../../preload/contract'

/** Where a job's events are kept. The numbers of what is read ascend. */
export interface EventLog {
  /** The number of the last event that was there when the log was opened; 0 for an empty one. */
  readonly lastSeq: number
  append(event: JobEvent): void
  /** Resolves when what was appended survives a crash. */
  flush(): Promise<void>
  /** The events with a number above `after`. */
  read(after: number): AsyncIterable<JobEvent>
}

/** Numbers a job's events, keeps them, and tells every subscriber of each one exactly once. */
export interface EventFeed {
  /** The events of one call after another are told in this order, each after it was kept. */
  publish(body: JobEventBody): void
  /** Past events after number `after`, then live ones until the feed is closed. */
  subscribe(after: number): AsyncGenerator<JobEvent, void, undefined>
  /** Resolves when all that was published is kept and told; the subscriptions then end. */
  close(): Promise<void>
}

export interface EventFeedOptions {
  readonly log: EventLog
  /** ISO 8601 */
  now(): string
  /** Called for each event when it is told, before subscribers get it. */
  onEvent(event: JobEvent): void
  /** Called once, when events can no longer be kept (the disk is full). They are still told. */
  onLogFailure(error: unknown): void
}

export function createEventFeed({ log, now, onEvent, onLogFailure }: EventFeedOptions): EventFeed {
  const subscribers = new Set<Channel<JobEvent>>()
  let assigned = log.lastSeq
  let told = log.lastSeq
  let isClosed = false
  let isBroken = false
  let waiting: JobEvent[] = []
  let writing: Promise<void> | undefined

  const keep = async (events: readonly JobEvent[]): Promise<void> => {
    if (isBroken) return
    try {
      for (const event of events) log.append(event)
      await log.flush()
    } catch (error) {
      isBroken = true
      onLogFailure(error)
    }
  }
  const tell = (event: JobEvent): void => {
    told = event.seq
    onEvent(event)
    for (const subscriber of subscribers) subscriber.push(event)
  }
  // Kept before it is told: nobody may hold a number that is given to another event after a crash. What is published
  // while the disk is busy goes with the next write, so that fast steps do not queue up behind slow disks.
  const drain = async (): Promise<void> => {
    while (waiting.length > 0) {
      const batch = waiting
      waiting = []
      await keep(batch)
      batch.forEach(tell)
    }
    writing = undefined
  }
  return {
    publish(body) {
      waiting.push({ seq: ++assigned, time: now(), ...body })
      writing ??= drain()
    },
    async *subscribe(after) {
      const live = createChannel<JobEvent>()
      // Registered and measured in one turn: what is told from now on comes live, what was told before is in the log.
      const known = told
      if (isClosed) live.end()
      else subscribers.add(live)
      try {
        if (after < known) yield* upTo(known, log.read(after))
        for await (const event of live) if (event.seq > after) yield event
      } finally {
        subscribers.delete(live)
      }
    },
    async close() {
      while (writing) await writing
      isClosed = true
      for (const subscriber of subscribers) subscriber.end()
    },
  }
}

/** A log for jobs whose events nobody needs after the app is closed. */
export function createMemoryLog(): EventLog {
  const events: JobEvent[] = []
  return {
    lastSeq: 0,
    append: (event) => void events.push(event),
    flush: async () => undefined,
    async *read(after) {
      // Without gaps from 1, so that a number is a position.
      for (let at = after; at < events.length; at++) yield events[at] as JobEvent
    },
  }
}

async function* upTo(last: number, events: AsyncIterable<JobEvent>): AsyncGenerator<JobEvent, void, undefined> {
  for await (const event of events) {
    if (event.seq > last) return
    yield event
  }
}

/** Hands what is pushed to one reader, who may be slower. */
interface Channel<T> extends AsyncIterable<T> {
  push(item: T): void
  end(): void
}

function createChannel<T>(): Channel<T> {
  let waiting: T[] = []
  let hasEnded = false
  let wake = (): void => undefined
  return {
    push(item) {
      waiting.push(item)
      wake()
    },
    end() {
      hasEnded = true
      wake()
    },
    async *[Symbol.asyncIterator]() {
      while (waiting.length > 0 || !hasEnded) {
        const batch = waiting
        waiting = []
        yield* batch
        if (waiting.length === 0 && !hasEnded) await new Promise<void>((resolve) => (wake = resolve))
      }
    },
  }
}
