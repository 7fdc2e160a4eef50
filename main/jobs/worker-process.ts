import { fork, type ChildProcess } from 'node:child_process'
import type { JobEventBody } from '../../preload/contract'
import { fromWorkerSchema, type ToWorker } from './protocol'

/** How a worker is started: a plain Node.js process, never Electron's own. */
export interface WorkerLaunch {
  /** The bundled worker, `out/main/worker.js`. */
  readonly entry: string
  /** The Node.js binary; where absent, the one that runs this process. */
  readonly execPath?: string | undefined
}

export interface WorkerEnd {
  readonly code: number | null
  readonly signal: NodeJS.Signals | null
  /** The last that it printed: native libraries complain here before they die. */
  readonly output: string
  /** Set where it could not even be started. */
  readonly startError?: Error
}

export interface WorkerListener {
  onReady(): void
  onEvent(body: JobEventBody): void
  /** A message that is none of the protocol's, with the reason. */
  onNonsense(reason: string): void
  /** Called once, after the last event. */
  onEnd(end: WorkerEnd): void
}

export interface WorkerProcess {
  readonly pid: number | undefined
  send(message: ToWorker): void
  kill(): void
}

const OUTPUT_KEPT = 4000

export function startWorker({ entry, execPath }: WorkerLaunch, listener: WorkerListener): WorkerProcess {
  const child = fork(entry, [], {
    // A test runner's or debugger's own flags are not for the worker.
    execArgv: [],
    ...(execPath !== undefined && { execPath }),
    // Carries typed arrays and `undefined`, which JSON would not.
    serialization: 'advanced',
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
  })
  let output = ''
  for (const stream of [child.stdout, child.stderr]) {
    stream?.setEncoding('utf8').on('data', (text: string) => (output = (output + text).slice(-OUTPUT_KEPT)))
  }
  child.on('message', (message) => receive(message, listener))
  whenOver(child, (end) => listener.onEnd({ ...end, output }))
  return {
    pid: child.pid,
    send(message) {
      // The worker may be dying at this very moment: then its end says all there is to say.
      if (child.connected) child.send(message, () => undefined)
    },
    kill: () => void child.kill('SIGKILL'),
  }
}

function receive(raw: unknown, listener: WorkerListener): void {
  const { data: message, error } = fromWorkerSchema.safeParse(raw)
  if (!message) listener.onNonsense(error.issues.map((issue) => `${issue.path.join('.')}: ${issue.message}`).join('; '))
  else if (message.type === 'ready') listener.onReady()
  else listener.onEvent(message.body)
}

/** Exit and the end of the message channel come in either order; only after both has every message been read. */
function whenOver(child: ChildProcess, tell: (end: Omit<WorkerEnd, 'output'>) => void): void {
  let isTold = false
  let exit: Pick<WorkerEnd, 'code' | 'signal'> | undefined
  const check = (): void => {
    if (!exit || child.connected || isTold) return
    isTold = true
    tell(exit)
  }
  child.on('exit', (code, signal) => {
    exit = { code, signal }
    check()
  })
  child.on('disconnect', check)
  child.on('error', (startError) => {
    // Also reported for a message that could not be sent; a process that runs has its exit still to come.
    if (child.pid !== undefined || isTold) return
    isTold = true
    tell({ code: null, signal: null, startError })
  })
}
