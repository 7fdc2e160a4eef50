import { z } from 'zod'
import { jobEventBodySchema, type JobEvent } from '../../preload/contract'
import { HostError, openLineLog, readJsonLines } from '../files'

/** The events of one run, on the disk. Only the holder of the run's lock may open it; everybody may read. */
export interface RunLog {
  readonly lastSeq: number
  append(event: JobEvent): void
  /** Resolves when what was appended is on the disk. */
  flush(): Promise<void>
  read(after: number): AsyncGenerator<JobEvent, void, undefined>
  close(): Promise<void>
}

/**
 * Opens the log for appending; a torn last line is cut off.
 * @param lastSeq the number of the last event that was read from it
 */
export async function openRunLog(path: string, lastSeq: number): Promise<RunLog> {
  const log = await openLineLog(path)
  return {
    lastSeq,
    append: log.append,
    flush: log.flush,
    read: (after) => readRunEvents(path, after),
    close: log.close,
  }
}

/**
 * The events with a number above `after`, in order. A line that cannot be read does not hide the others: it is passed
 * over and reported to `onProblem`. A run without a log has no events.
 */
export async function* readRunEvents(
  path: string,
  after = 0,
  onProblem: (line: number, reason: string) => void = () => undefined,
): AsyncGenerator<JobEvent, void, undefined> {
  let last = after
  for await (const entry of presentLines(path)) {
    const event = 'value' in entry ? parseEvent(entry.value) : entry.problem
    if (typeof event === 'string') {
      onProblem(entry.line, event)
    } else if (event.seq > last) {
      last = event.seq
      yield event
    }
  }
}

const envelopeSchema = z.object({ seq: z.number().int(), time: z.string() })

/**
 * The event, or why it is none. Parsed in two halves and joined in place: the contract's intersection of them, and a
 * spread of both, take 15 times as long, which is seconds for a long run.
 */
function parseEvent(value: unknown): JobEvent | string {
  const envelope = envelopeSchema.safeParse(value)
  const body = jobEventBodySchema.safeParse(value)
  if (envelope.success && body.success) return Object.assign(envelope.data, body.data)
  return (envelope.error ?? body.error)?.issues[0]?.message ?? ''
}

async function* presentLines(path: string): ReturnType<typeof readJsonLines> {
  try {
    yield* readJsonLines(path)
  } catch (error) {
    if (!(error instanceof HostError && error.code === 'not-found')) throw error
  }
}
