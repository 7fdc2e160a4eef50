import type { JobControl, JobEventBody, JobKind } from '../../../preload/contract'
import type { AbortReason, WorkerPaths } from '../protocol'

/** `orphaned`: the supervising process is gone, nobody hears events any more. */
export type WorkerAbort = AbortReason | 'orphaned'

/** How a handler ended, other than by throwing. */
export interface JobEnding {
  readonly state: 'done' | 'stopped' | 'discarded'
  /** In the job's own words; said before the final state. */
  readonly result?: Readonly<Record<string, unknown>>
}

export type JobHandler = (payload: unknown, context: JobContext) => Promise<JobEnding>

/** Loaders, so that an import does not load the native modules of training. */
export type JobHandlers = Readonly<Record<JobKind, () => Promise<JobHandler>>>

/** What a handler has of the world around it. */
export interface JobContext {
  /** Says something to whoever watches. Of states a handler says only `paused` and `running`: its ending says the rest. */
  emit(body: JobEventBody): void
  readonly controls: JobControls
  /**
   * To be awaited between native steps, which block the process: lets messages arrive, and hands out the controls that
   * did. An abort for `app-closed` or `orphaned` shows as one `stop-keep`: save a checkpoint and return `stopped`.
   */
  breathe(): Promise<readonly JobControl[]>
  /**
   * To be awaited inside longer work (a micro-batch, a row, a token): lets messages arrive and leaves the controls in
   * the mailbox for the next `breathe`. Throws where the job was aborted to be discarded.
   */
  pass(): Promise<void>
  readonly paths: WorkerPaths
  /** ISO 8601 */
  now(): string
  /** Milliseconds from some fixed moment, for durations. */
  clock(): number
  /** Resident bytes of this process. */
  residentBytes(): number
  /** Bytes that the machine could still give. */
  freeBytes(): number
}

export interface JobControls {
  /** Takes what has arrived so far, oldest first. */
  take(): readonly JobControl[]
  /** Resolves when there is something to take, at once where there already is: how a paused job waits. */
  arrived(): Promise<void>
  readonly aborted: WorkerAbort | undefined
  /** Aborted when `aborted` is set, for what takes a signal. */
  readonly signal: AbortSignal
}

/** The worker's side of controls: a mailbox that the message listener fills. */
export interface ControlMailbox extends JobControls {
  put(action: JobControl): void
  abort(reason: WorkerAbort): void
}

/** What an abort means to a handler that only knows controls. */
const controlOnAbort: Readonly<Record<WorkerAbort, JobControl>> = {
  cancelled: 'stop-discard',
  'app-closed': 'stop-keep',
  orphaned: 'stop-keep',
}

export function createMailbox(): ControlMailbox {
  const abortController = new AbortController()
  let waiting: JobControl[] = []
  let listeners: (() => void)[] = []
  let aborted: WorkerAbort | undefined
  const put = (action: JobControl): void => {
    waiting.push(action)
    for (const tell of listeners) tell()
    listeners = []
  }
  return {
    put,
    abort(reason) {
      if (aborted) return
      aborted = reason
      abortController.abort()
      put(controlOnAbort[reason])
    },
    take() {
      const taken = waiting
      waiting = []
      return taken
    },
    arrived: () => (waiting.length > 0 ? Promise.resolve() : new Promise((resolve) => listeners.push(resolve))),
    get aborted() {
      return aborted
    },
    signal: abortController.signal,
  }
}
