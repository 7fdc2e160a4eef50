import { freemem } from 'node:os'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { GraftError } from '../../engine/errors'
import { toFailure } from '../../files'
import type { JobEventBody } from '../../../preload/contract'
import { toWorkerSchema, type FromWorker, type StartMessage, type ToWorker } from '../protocol'
import { createMailbox, type ControlMailbox, type JobContext, type JobEnding, type JobHandlers } from './job-context'

/** How long an orphan may take to save its work: a step in native code, then the checkpoint of a large model. */
const ORPHAN_GRACE_MS = 120_000

/**
 * The life of a worker process: says `ready`, does the one job it is given, tells how it ended, exits.
 * The one place in the worker where errors are caught.
 */
export function serveJob(handlers: Partial<JobHandlers>): void {
  const mailbox = createMailbox()
  // An interrupt key or a closed terminal reaches the whole group; what it means is for the supervisor to say.
  for (const signal of ['SIGINT', 'SIGHUP'] as const) process.on(signal, () => undefined)
  // With the supervisor gone its pipes are broken, and native libraries may still print.
  for (const stream of [process.stdout, process.stderr]) stream.on('error', () => undefined)
  process.on('message', (message) => receive(toWorkerSchema.parse(message), mailbox, handlers))
  process.on('disconnect', () => {
    mailbox.abort('orphaned')
    setTimeout(() => process.exit(1), ORPHAN_GRACE_MS).unref()
  })
  void say({ type: 'ready' })
}

function receive(message: ToWorker, mailbox: ControlMailbox, handlers: Partial<JobHandlers>): void {
  if (message.type === 'control') mailbox.put(message.action)
  else if (message.type === 'cancel') mailbox.abort(message.reason)
  else void work(message, mailbox, handlers)
}

async function work(start: StartMessage, mailbox: ControlMailbox, handlers: Partial<JobHandlers>): Promise<void> {
  const emit = (body: JobEventBody): void => void say({ type: 'event', body })
  const last = await attempt(start, createContext(start, mailbox, emit), handlers)
  // Exit only when the last word is out, or the supervisor would take this for a crash.
  await say({ type: 'event', body: last })
  // Not left to the event loop: native modules keep threads and handles alive.
  process.exit(0)
}

/** Does the job and returns its final `state` event. */
async function attempt(
  start: StartMessage,
  context: JobContext,
  handlers: Partial<JobHandlers>,
): Promise<JobEventBody> {
  try {
    const handler = await handlers[start.kind]?.()
    if (!handler) throw new GraftError('unsupported', `worker: expected a known kind of job, got "${start.kind}"`)
    const ending = await handler(start.payload, context)
    if (ending.result) context.emit({ type: 'result', result: { ...ending.result } })
    return endingState(ending, context)
  } catch (error) {
    if (context.controls.aborted === 'cancelled') return { type: 'state', state: 'discarded' }
    if (context.controls.aborted) return interrupted
    return { type: 'state', state: 'failed', failure: toFailure(error) }
  }
}

/** The supervisor adds why, and from where the job can be resumed. */
const interrupted: JobEventBody = { type: 'state', state: 'interrupted' }

/** A job that stopped because the app closed was not stopped by the person: it is to be resumed. */
function endingState(ending: JobEnding, { controls }: JobContext): JobEventBody {
  const wasClosed = controls.aborted !== undefined && controls.aborted !== 'cancelled'
  return wasClosed && ending.state === 'stopped' ? interrupted : { type: 'state', state: ending.state }
}

function createContext(start: StartMessage, controls: ControlMailbox, emit: JobContext['emit']): JobContext {
  // Twice: messages are read in the turn's poll phase, which comes between two immediates.
  const hear = async (): Promise<void> => {
    await nextTurn()
    await nextTurn()
  }
  return {
    emit,
    controls,
    async breathe() {
      await hear()
      return controls.take()
    },
    async pass() {
      await hear()
      if (controls.aborted === 'cancelled') controls.signal.throwIfAborted()
    },
    paths: start.paths,
    now: () => new Date().toISOString(),
    clock: () => performance.now(),
    residentBytes: () => process.memoryUsage.rss(),
    freeBytes: freemem,
  }
}

/** Resolves when the message has left this process, or cannot: an orphan's words are dropped. */
function say(message: FromWorker): Promise<void> {
  return new Promise((resolve) => {
    if (process.connected && process.send) process.send(message, undefined, undefined, () => resolve())
    else resolve()
  })
}
