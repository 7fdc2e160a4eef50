import { execFile } from 'node:child_process'
import { chmod, copyFile, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { promisify } from 'node:util'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'

const run = promisify(execFile)
const script = resolve(import.meta.dirname, '../../scripts/start.mjs')
let root: string

beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'graft-start-'))
  await mkdir(join(root, 'scripts'))
  await mkdir(join(root, 'out', 'main'), { recursive: true })
  await copyFile(script, join(root, 'scripts', 'start.mjs'))
  await writeFile(join(root, 'out', 'main', 'web.js'), 'console.log("web", process.argv.slice(2).join(" "))')
})
afterEach(() => rm(root, { recursive: true, force: true }))

async function start(args: readonly string[], display: string): Promise<string> {
  const env = { PATH: process.env['PATH'], DISPLAY: display, WAYLAND_DISPLAY: '' }
  return (await run(process.execPath, [join(root, 'scripts', 'start.mjs'), ...args], { env })).stdout
}

/** An Electron whose binary only says how it was called, and an installer that may bring it. */
async function writeElectron(present: boolean, installer = ''): Promise<void> {
  const folder = join(root, 'node_modules', 'electron')
  await mkdir(join(folder, 'dist'), { recursive: true })
  await writeFile(join(folder, 'install.js'), installer)
  if (present) await writeFile(join(folder, 'path.txt'), 'electron')
  const binary = join(folder, 'dist', 'electron')
  await writeFile(binary, '#!/bin/sh\necho "electron $* $GRAFT_NODE"\n')
  await chmod(binary, 0o755)
}

describe.skipIf(process.platform === 'win32')('npm start', () => {
  it('opens Electron, and names the plain Node.js for the worker', async () => {
    await writeElectron(true)
    expect(await start(['--workspace', 'w'], ':0')).toBe(`electron . --workspace w ${process.execPath}\n`)
  })

  it('fetches a missing binary once', async () => {
    await writeElectron(false, 'require("fs").writeFileSync(__dirname + "/path.txt", "electron")')
    expect(await start([], ':0')).toMatch(/^Fetching the Electron binary.*\nelectron \. /)
  })

  it.each<[string, () => Promise<void>, string, string[]]>([
    ['Electron is not installed', async () => undefined, ':0', []],
    ['its binary could not be downloaded here', () => writeElectron(false, 'process.exit(1)'), ':0', []],
    ['asked to use the browser', () => writeElectron(true), ':0', ['--browser']],
  ])('%s: says so in one line and starts the web host', async (reason, prepare, display, args) => {
    await prepare()
    const lines = (await start([...args, '--no-open'], display)).trim().split('\n')
    expect(lines.at(-2)).toBe(`Electron: ${reason}; serving the same studio in the browser.`)
    expect(lines.at(-1)).toBe('web --no-open')
  })
})

describe.runIf(process.platform === 'linux')('npm start without a display', () => {
  it('does not even look for Electron', async () => {
    await writeElectron(true)
    expect(await start([], '')).toBe('Electron: no display here; serving the same studio in the browser.\nweb \n')
  })
})
