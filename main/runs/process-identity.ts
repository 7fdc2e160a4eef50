import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'

/** A process, told apart from a later one that was given the same number. */
export interface ProcessIdentity {
  readonly pid: number
  /** When it was started, in the system's own words; absent where the system does not say. */
  readonly started?: string | undefined
}

export const identify = (pid: number): ProcessIdentity => ({ pid, started: startOf(pid) })

/** Whether this very process still runs. Where its start is unknown, one of the same number counts as the same. */
export function isAlive(identity: ProcessIdentity): boolean {
  if (!existsProcess(identity.pid)) return false
  if (identity.started === undefined) return true
  const started = startOf(identity.pid)
  return started === undefined || started === identity.started
}

function existsProcess(pid: number): boolean {
  try {
    return process.kill(pid, 0)
  } catch (error) {
    // EPERM: it is there, but somebody else's.
    return error instanceof Error && 'code' in error && error.code === 'EPERM'
  }
}

function startOf(pid: number): string | undefined {
  try {
    return process.platform === 'linux' ? startOnLinux(pid) : startByTool(pid)
  } catch {
    return undefined
  }
}

/** Clock ticks since boot, and which boot that was. */
function startOnLinux(pid: number): string {
  const line = readFileSync(`/proc/${pid}/stat`, 'utf8')
  // The second field is the program's name in brackets and may hold blanks: count from the last bracket.
  const ticks = line.slice(line.lastIndexOf(')') + 2).split(' ')[19]
  const boot = readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim()
  return `${boot}:${ticks}`
}

/** Asked only when a run is started, or when a lock of a living process is met: 0.1 to 0.5 s are bearable. */
function startByTool(pid: number): string | undefined {
  const [tool, options] =
    process.platform === 'win32'
      ? ['powershell.exe', ['-NoProfile', '-Command', `(Get-Process -Id ${pid}).StartTime.ToFileTimeUtc()`]]
      : ['ps', ['-o', 'lstart=', '-p', String(pid)]]
  const text = execFileSync(tool as string, options as string[], {
    encoding: 'utf8',
    timeout: 5000,
    stdio: ['ignore', 'pipe', 'ignore'],
  })
  return text.trim() || undefined
}
