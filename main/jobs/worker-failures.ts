import type { Failure, JobKind } from '../../preload/contract'
import { resumeAdvice } from '../runs'
import type { WorkerEnd } from './worker-process'

/** What a signal usually means, in words for the person. */
const signalMeaning: Readonly<Partial<Record<NodeJS.Signals, string>>> = {
  SIGKILL: 'it was ended from outside, most often by the system because memory ran out',
  SIGSEGV: 'a native library crashed',
  SIGBUS: 'a native library crashed, or a mapped file disappeared',
  SIGILL: 'a native library used an instruction that this processor lacks',
  SIGABRT: 'a native library gave up, often because memory ran out',
  SIGTERM: 'it was asked to end from outside',
}

/** Why there is no worker: the process could not be started, or ended before it was ready. */
export function workerNotStarted(end: WorkerEnd): Failure {
  const reason = end.startError?.message ?? cause(end)
  const message = `worker: expected a process that gets ready to work, but ${reason}; install the app again`
  return { code: 'worker-start', message, details: { exitCode: end.code, signal: end.signal, output: end.output } }
}

/**
 * Why a worker ended without saying how its job went.
 * @param resumeStep the step of the latest checkpoint, for a run that can be resumed
 */
export function workerLost(kind: JobKind, end: WorkerEnd, resumeStep: number | undefined): Failure {
  const advice = resumeAdvice(resumeStep)
  return {
    code: 'worker-killed',
    message: `worker: expected this job (${kind}) to be finished, but its process is gone: ${cause(end)}; ${advice}`,
    details: {
      exitCode: end.code,
      signal: end.signal,
      output: end.output,
      ...(resumeStep !== undefined && { resumeStep }),
    },
  }
}

function cause({ signal, code }: WorkerEnd): string {
  if (signal) return `${signalMeaning[signal] ?? 'it was ended by a signal'} (${signal})`
  return `it exited with code ${code}`
}
