import { spawn } from 'node:child_process'

const openers: Partial<Record<NodeJS.Platform, (url: string) => readonly [string, readonly string[]]>> = {
  darwin: (url) => ['open', [url]],
  // `start` is a built-in of cmd; the empty string is the window title that it would otherwise take the URL for.
  win32: (url) => ['cmd', ['/c', 'start', '', url]],
}

/** Opens an address in the person's browser. Fails silently: the address is printed as well. */
export function openBrowser(url: string, platform: NodeJS.Platform = process.platform): void {
  const [command, args] = openers[platform]?.(url) ?? ['xdg-open', [url]]
  const child = spawn(command, args, { stdio: 'ignore', detached: true })
  child.on('error', () => undefined)
  child.unref()
}
