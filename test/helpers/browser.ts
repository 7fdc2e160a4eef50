import { access } from 'node:fs/promises'
import { homedir } from 'node:os'
import { delimiter, join } from 'node:path'
import { chromium, type Browser } from 'playwright-core'
import { hasPackagedChromium, unpackChromium } from './packaged-chromium'

/** A program to try, and the environment that it needs beside this process's own. */
interface Candidate {
  readonly path: string
  readonly env?: Readonly<Record<string, string>>
}

const exists = (path: string): Promise<boolean> =>
  access(path).then(
    () => true,
    () => false,
  )

/**
 * Starts a headless Chromium: the one that GRAFT_CHROMIUM names; else the one that came with the development
 * dependencies, so that every machine and CI test in the same browser; else an installed one.
 * @throws where none starts, with what each of them said
 */
export async function launchBrowser(): Promise<Browser> {
  const refusals: string[] = []
  for await (const { path, env } of candidates()) {
    try {
      return await chromium.launch({
        executablePath: path,
        // In a container the sandbox cannot be set up, and /dev/shm is too small for a page's bitmaps.
        args: ['--no-sandbox', '--disable-dev-shm-usage'],
        env: { ...inherited(), ...env },
      })
    } catch (error) {
      refusals.push(`${path}: ${error instanceof Error ? error.message : String(error)}`)
    }
  }
  throw new Error(
    `browser: expected a Chromium that starts, got none; set GRAFT_CHROMIUM to one\n${refusals.join('\n')}`,
  )
}

async function* candidates(): AsyncGenerator<Candidate> {
  const named = process.env['GRAFT_CHROMIUM']
  if (named) {
    yield { path: named }
    return
  }
  if (hasPackagedChromium) yield await packagedChromium()
  for (const path of installedPlaces()) if (await exists(path)) yield { path }
}

function installedPlaces(): readonly string[] {
  const programs = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable', 'microsoft-edge', 'chrome']
  const folders = (process.env['PATH'] ?? '').split(delimiter).filter(Boolean)
  const onMac = ['Google Chrome', 'Chromium'].map((name) => `${name}.app/Contents/MacOS/${name}`)
  const onWindows = ['Google/Chrome/Application/chrome.exe', 'Microsoft/Edge/Application/msedge.exe']
  const windowsFolders = ['ProgramFiles', 'ProgramFiles(x86)', 'LocalAppData'].flatMap(
    (name) => process.env[name] ?? [],
  )
  return [
    ...programs.flatMap((program) => folders.map((folder) => join(folder, program))),
    ...['/Applications', join(homedir(), 'Applications')].flatMap((folder) => onMac.map((path) => join(folder, path))),
    ...windowsFolders.flatMap((folder) => onWindows.map((path) => join(folder, path))),
  ]
}

/** The Chromium inside @sparticuz/chromium with the libraries and fonts beside it: nothing of the system but libc. */
async function packagedChromium(): Promise<Candidate> {
  const folder = await unpackChromium()
  return {
    path: join(folder, 'chromium'),
    env: { LD_LIBRARY_PATH: join(folder, 'al2023/lib'), FONTCONFIG_FILE: join(folder, 'fonts.conf') },
  }
}

function inherited(): Record<string, string> {
  return Object.fromEntries(
    Object.entries(process.env).filter((entry): entry is [string, string] => entry[1] !== undefined),
  )
}
