import { execFile } from 'node:child_process'
import { access, mkdir, mkdtemp, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { homedir } from 'node:os'
import { delimiter, join, resolve } from 'node:path'
import { promisify } from 'node:util'
import { chromium, type Browser } from 'playwright-core'

/** A program to try, and the environment that it needs beside this process's own. */
interface Candidate {
  readonly path: string
  readonly env?: Readonly<Record<string, string>>
}

const root = resolve(import.meta.dirname, '../..')
const runFile = promisify(execFile)
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
  // The package holds a binary for this one kind of machine.
  if (process.platform === 'linux' && process.arch === 'x64') yield await packagedChromium()
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
  const folder = await unpackedFolder()
  return {
    path: join(folder, 'chromium'),
    env: { LD_LIBRARY_PATH: join(folder, 'al2023/lib'), FONTCONFIG_FILE: join(folder, 'fonts.conf') },
  }
}

/** Unpacks it once for each version. Test files run at the same time: each unpacks for itself, the first one's is kept. */
async function unpackedFolder(): Promise<string> {
  const manifest = await readFile(join(root, 'node_modules/@sparticuz/chromium/package.json'), 'utf8')
  const { version } = JSON.parse(manifest) as { version: string }
  const cache = join(root, 'node_modules/.cache')
  const folder = join(cache, `chromium-${version}`)
  if (await exists(folder)) return folder
  await mkdir(cache, { recursive: true })
  const staging = await mkdtemp(join(cache, 'unpacking-'))
  await unpackInto(staging)
  await writeFile(join(staging, 'fonts.conf'), fontsConfig(folder))
  await rename(staging, folder).catch(async (error: unknown) => {
    await rm(staging, { recursive: true, force: true })
    if (!(await exists(folder))) throw error
  })
  return folder
}

async function unpackInto(folder: string): Promise<void> {
  const script = `const { default: chromium } = await import('@sparticuz/chromium'); await chromium.executablePath()`
  // It unpacks into the temporary folder, and its libraries only where it believes itself on the system they are from.
  const env = { ...inherited(), TMPDIR: folder, AWS_EXECUTION_ENV: 'AWS_Lambda_nodejs22.x' }
  await runFile(process.execPath, ['--input-type=module', '--eval', script], { cwd: root, env })
}

const fontsConfig = (folder: string): string => `<?xml version="1.0"?>
<!DOCTYPE fontconfig SYSTEM "fonts.dtd">
<fontconfig>
  <dir>/usr/share/fonts</dir>
  <dir>${folder}/fonts</dir>
  <cachedir>${folder}/fonts-cache</cachedir>
</fontconfig>
`

function inherited(): Record<string, string> {
  return Object.fromEntries(
    Object.entries(process.env).filter((entry): entry is [string, string] => entry[1] !== undefined),
  )
}
