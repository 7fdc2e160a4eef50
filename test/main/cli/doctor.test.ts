import { mkdir, readdir, readlink, rm, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { libraryAdvice } from '../../../main/jobs/worker/checkup/library-advice'
import { realInstall, type RealInstall } from '../../helpers/real-install'
import { runCommand, type Ended } from './bad-input'

let install: RealInstall
beforeAll(async () => void (install = await realInstall()))
afterAll(() => install.remove())

const doctor = (...args: string[]): Ended =>
  runCommand(install.root, [process.execPath, install.cli, '--workspace', 'workspace', 'doctor', ...args])

/** Puts another library in the place of onnxruntime-node, for the worker alone. */
async function replaceLibrary(code: string): Promise<void> {
  const modules = join(install.root, 'out/worker/node_modules')
  const real = await readlink(modules)
  await rm(modules)
  await mkdir(join(modules, 'onnxruntime-node'), { recursive: true })
  for (const name of await readdir(real)) {
    if (name !== 'onnxruntime-node') await symlink(join(real, name), join(modules, name), 'junction')
  }
  const manifest = JSON.stringify({ name: 'onnxruntime-node', version: '1.0.0', main: 'index.js' })
  await writeFile(join(modules, 'onnxruntime-node', 'package.json'), manifest)
  // Named, as the real one’s are: a library that cannot be loaded fails only when it runs.
  const names = ['InferenceSession', 'Tensor', 'env'].map((name) => `exports.${name} = undefined\n`).join('')
  await writeFile(join(modules, 'onnxruntime-node', 'index.js'), names + code)
}

describe('graft doctor', () => {
  it('says what the machine has, how fast it is and what can be trained', () => {
    const { code, out } = doctor()
    expect(code).toBe(0)
    expect(out).toMatch(/^memory +[\d.]+ GB free of [\d.]+ GB$/m)
    expect(out).toMatch(/^library +onnxruntime [\d.]+: loads, and a product came out right$/m)
    expect(out).toMatch(/^speed +\d+ GFLOP\/s/m)
    expect(out).toMatch(/^GPU +not used yet/m)
    expect(out).toMatch(
      /^ {2}a model like SmolLM2-135M +full +from \d.* GB +(fits|does not fit into what is free now)$/m,
    )
    expect(out).toMatch(/^all that training needs works$/m)
  })

  it('says the same to a program', () => {
    const line = doctor('--json')
      .out.split('\n')
      .find((each) => each.includes('"type":"doctor"'))
    const seen = JSON.parse(line ?? '') as { flops: number; fits: { bytes: number }[] }
    expect(seen.flops).toBeGreaterThan(1e8)
    const bytes = seen.fits.map((fit) => fit.bytes)
    expect(bytes).toEqual(bytes.toSorted((a, b) => a - b))
  })

  it('says what to do where the native library does not load', async () => {
    await replaceLibrary(`throw new Error('/x/binding.node: version GLIBC_2.38 not found')`)
    const { code, out, err } = doctor()
    expect(code).toBe(1)
    expect(out).toMatch(/^library +does not work, see below$/m)
    expect(out).not.toContain('all that training needs works')
    const said = err.split('\n').filter((line) => line.startsWith('graft: '))
    expect(said).toEqual([
      expect.stringMatching(/^graft: onnxruntime: expected a library .*GLIBC_2\.38 not found; this Linux is too old/),
    ])
  })
})

describe('libraryAdvice', () => {
  it.each([
    ["Cannot find module '../bin/napi-v6/linux/x64/onnxruntime_binding.node'", 'linux-x64', /npm ci/],
    ['The specified module could not be found.', 'win32-x64', /Visual C\+\+ Redistributable/],
    ['binding.node: wrong ELF class: ELFCLASS32', 'linux-x64', /another kind of processor/],
    ['Cannot find module', 'darwin-x64', /Intel processor/],
    ['out of luck', 'linux-x64', /npm ci, and report/],
  ])('%s on %s', (message, platform, advice) => expect(libraryAdvice(message, platform)).toMatch(advice))
})
