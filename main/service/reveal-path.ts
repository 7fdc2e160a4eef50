import { spawn } from 'node:child_process'
import { realpath } from 'node:fs/promises'
import { sep } from 'node:path'

const managers: Partial<Record<NodeJS.Platform, readonly [string, ...string[]]>> = {
  darwin: ['open', '-R'],
  win32: ['explorer', '/select,'],
  linux: ['xdg-open'],
}

function show(command: string, args: readonly string[]): Promise<boolean> {
  return new Promise((done) => {
    const child = spawn(command, args, { stdio: 'ignore', detached: true })
    child.once('error', () => done(false))
    child.once('spawn', () => done(true))
    child.unref()
  })
}

/**
 * Shows a folder or file of the workspace in the system's file manager. False where there is none, and for every path
 * outside the workspace: a page may not make the system open whatever it likes.
 */
export async function revealPath(path: string, workspace: string): Promise<boolean> {
  const [target, root] = await Promise.all([path, workspace].map((name) => realpath(name).catch(() => undefined)))
  if (!target || !root || !target.startsWith(root + sep)) return false
  const manager = managers[process.platform]
  if (!manager || (process.platform === 'linux' && !process.env['DISPLAY'] && !process.env['WAYLAND_DISPLAY']))
    return false
  const [command, ...args] = manager
  return show(command, [...args, target])
}
