/** Where a command writes: results on standard output, everything about the way there on standard error. */
export interface Terminal {
  readonly out: (line: string) => void
  readonly err: (line: string) => void
  /** Text without a line break, for tokens as they come. */
  readonly write: (text: string) => void
  /** Replaces the line that is being rewritten; does nothing where there is no terminal. */
  readonly status: (line: string) => void
  /** Whether a person sees standard error live. */
  readonly live: boolean
  readonly columns: number
}

type Stream = Pick<NodeJS.WriteStream, 'write' | 'isTTY' | 'columns'>

// A reader that has gone (`graft runs | head -1`) is no failure of ours.
export const ignoreClosedPipe = (stream: NodeJS.WriteStream): unknown =>
  stream.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') throw error
  })

/** The terminal of this process. The rewritten line is cleared before anything else is printed. */
export function createTerminal(stdout: Stream, stderr: Stream): Terminal {
  const live = stderr.isTTY === true
  const columns = Math.max(40, stdout.columns ?? stderr.columns ?? 100)
  let shown = false
  const clear = (): void => {
    if (shown) stderr.write('\r\u001b[K')
    shown = false
  }
  const status = (line: string): void => {
    if (!live) return
    clear()
    stderr.write(line.slice(0, columns - 1))
    shown = line.length > 0
  }
  const print = (stream: Stream, text: string): void => {
    clear()
    stream.write(text)
  }
  return {
    out: (line) => print(stdout, `${line}\n`),
    err: (line) => print(stderr, `${line}\n`),
    write: (text) => print(stdout, text),
    status,
    live,
    columns,
  }
}
