import type { Failure, JobControl, JobEvent, JobEventBody, JobKind, JobState } from '../../preload/contract'
import { toFailure } from '../files'
import { appClosed, isActive } from '../runs'
import { createEventFeed, createMemoryLog, type EventFeed, type EventLog } from './event-feed'
import { checkControl, endOfUnstarted, isStepped } from './job-controls'
import type { AbortReason, JobOutcome, WorkerPaths } from './protocol'
import { workerLost, workerNotStarted } from './worker-failures'
import { startWorker, type WorkerEnd, type WorkerLaunch, type WorkerProcess } from './worker-process'

export interface JobRequest {
  readonly kind: JobKind
  /** Plain data, parsed by the worker's handler. */
  readonly payload: unknown
  /** Where the events are kept; by default in memory. */
  readonly log?: EventLog
  /** The step of the latest checkpoint, 0 for none yet: for jobs that can be resumed. */
  readonly resumeStep?: () => Promise<number>
  /** Called for each event, once it is kept. */
  readonly onEvent?: (event: JobEvent) => void
  /** Called when the worker's process exists; its work waits for the answer. */
  readonly onWorker?: (pid: number) => Promise<void>
}

export interface JobSurroundings {
  readonly worker: WorkerLaunch
  readonly paths: WorkerPaths
  /** ISO 8601 */
  now(): string
}

const CANCEL_GRACE_MS = 10_000
/** Native modules have been seen to hang while they are unloaded: their work is done by then. */
const EXIT_GRACE_MS = 5_000

type Ending = Pick<JobOutcome, 'state' | 'failure'>

/** Work in a process of its own. It owns that process; `cancel` disposes of it. */
export class Job {
  /** Never rejects. */
  readonly done: Promise<JobOutcome>
  readonly #feed: EventFeed
  #state: JobState = 'queued'
  #result: Record<string, unknown> | undefined
  #worker: WorkerProcess | undefined
  /** How the job ends once its worker is gone; the first word counts, and none means a crash. */
  #ending: Ending | undefined
  #killTimer: NodeJS.Timeout | undefined
  #resolve: (outcome: JobOutcome) => void = () => undefined

  constructor(
    readonly id: string,
    private readonly request: JobRequest,
    private readonly surroundings: JobSurroundings,
  ) {
    this.done = new Promise((resolve) => (this.#resolve = resolve))
    this.#feed = createEventFeed({
      log: request.log ?? createMemoryLog(),
      now: surroundings.now,
      onEvent: (event) => request.onEvent?.(event),
      onLogFailure: (error) => this.#giveUp(toFailure(error)),
    })
    this.#publish({ type: 'state', state: 'queued' })
  }

  get kind(): JobKind {
    return this.request.kind
  }

  get state(): JobState {
    return this.#state
  }

  /** What the job said its outcome is, once it has. */
  get result(): Readonly<Record<string, unknown>> | undefined {
    return this.#result
  }

  /** The worker's process, while there is one. */
  get pid(): number | undefined {
    return this.#worker?.pid
  }

  /** Events after number `after`: past ones, then live ones until the job ends. */
  events(after: number): AsyncGenerator<JobEvent, void, undefined> {
    return this.#feed.subscribe(after)
  }

  /** For the queue, when it is this job's turn. Does nothing to one that has ended meanwhile. */
  start(): void {
    if (this.#ending) return
    const worker = startWorker(this.surroundings.worker, {
      onReady: () => void this.#begin(worker),
      onEvent: (body) => this.#hear(body),
      onNonsense: (reason) => this.#warn(`the worker said something unreadable: ${reason}`),
      onEnd: (end) => void this.#close(end),
    })
    this.#worker = worker
  }

  /** @throws HostError `control-refused` where the action makes no sense in the job's state */
  control(action: JobControl): void {
    const rule = checkControl(action, this.kind, this.#state)
    const atOnce = endOfUnstarted[action]
    if (this.#state === 'queued' && atOnce) return this.#endNow({ state: atOnce })
    if (!isStepped(this.kind)) return this.cancel('cancelled')
    if (rule.announces) this.#publish({ type: 'state', state: rule.announces })
    this.#worker?.send({ type: 'control', action })
  }

  /** Ends the job: politely, and after `graceMs` by force. Asked again, the newest patience counts. */
  cancel(reason: AbortReason, graceMs = CANCEL_GRACE_MS): void {
    if (this.#ending) return
    const ending: Ending = { state: reason === 'cancelled' ? 'discarded' : 'interrupted' }
    if (this.#state === 'queued') return this.#endNow(ending)
    if (this.#state !== 'stopping') this.#publish({ type: 'state', state: 'stopping' })
    this.#worker?.send({ type: 'cancel', reason })
    this.#killAfter(graceMs, ending)
  }

  /** Before the work began there is nothing to save: no need to be polite. */
  #endNow(ending: Ending): void {
    this.#ending = ending
    if (this.#worker) this.#worker.kill()
    else void this.#close(undefined)
  }

  async #begin(worker: WorkerProcess): Promise<void> {
    const { kind, payload, onWorker } = this.request
    try {
      if (worker.pid !== undefined) await onWorker?.(worker.pid)
    } catch (error) {
      return this.#endNow({ state: 'failed', failure: toFailure(error) })
    }
    if (this.#ending) return
    this.#publish({ type: 'state', state: 'running' })
    worker.send({ type: 'start', kind, payload, paths: this.surroundings.paths })
  }

  #hear(body: JobEventBody): void {
    if (body.type !== 'state' || isActive(body.state)) return this.#publish(body)
    // Told when the process is gone: who reads `done` may count on its memory and its files being free.
    this.#ending ??= { state: body.state, ...(body.failure && { failure: body.failure }) }
    this.#killAfter(EXIT_GRACE_MS, this.#ending)
  }

  /** Events can be kept no more (the disk is full): the work itself may still be saved. */
  #giveUp(failure: Failure): void {
    this.cancel('app-closed')
    this.#ending = { state: 'failed', failure }
  }

  #killAfter(milliseconds: number, ending: Ending): void {
    clearTimeout(this.#killTimer)
    this.#killTimer = setTimeout(() => {
      this.#ending ??= ending
      this.#worker?.kill()
    }, milliseconds)
  }

  /** @param end of the worker; undefined where it was never started */
  async #close(end: WorkerEnd | undefined): Promise<void> {
    clearTimeout(this.#killTimer)
    this.#worker = undefined
    const resumeStep = await this.request.resumeStep?.().catch(() => undefined)
    const ending = this.#ending ?? this.#lost(end, resumeStep)
    this.#ending = ending
    const closed = ending.state === 'interrupted' && !ending.failure && { failure: appClosed(resumeStep) }
    const told = { ...ending, ...closed }
    this.#publish({ type: 'state', ...told })
    await this.#feed.close()
    this.#resolve({ ...told, ...(this.#result && { result: this.#result }) })
  }

  /** A worker that ended without a last word. */
  #lost(end: WorkerEnd | undefined, resumeStep: number | undefined): Ending {
    if (!end) return { state: 'interrupted' }
    if (this.#state === 'queued') return { state: 'failed', failure: workerNotStarted(end) }
    return { state: 'interrupted', failure: workerLost(this.kind, end, resumeStep) }
  }

  #warn(text: string): void {
    this.#publish({ type: 'log', level: 'warning', text })
  }

  #publish(body: JobEventBody): void {
    if (body.type === 'state') this.#state = body.state
    if (body.type === 'result') this.#result = body.result
    this.#feed.publish(body)
  }
}
