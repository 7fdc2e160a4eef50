import { rename, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { realInstall, type RealInstall } from '../../helpers/real-install'
import { tinyRows, writeTinyModel } from '../../helpers/tiny-model'
import { runCommand, type Ended } from './bad-input'

let install: RealInstall
let run: string
const graft = (...args: string[]): Ended =>
  runCommand(install.root, [process.execPath, install.cli, '--workspace', 'workspace', ...args])

beforeAll(async () => {
  install = await realInstall()
  await writeTinyModel(join(install.root, 'tiny'))
  await writeFile(join(install.root, 'rows.jsonl'), tinyRows(20))
  const quick = ['--steps', '2', '--batch', '2', '--samples', '1', '--metric', 'none', '--max-new-tokens', '2']
  const { out } = graft('train', '--data', 'rows.jsonl', '--model', 'tiny', '--name', 'shown', ...quick, '--json')
  run = /"type":"run","id":"([^"]+)"/.exec(out)?.[1] ?? 'none was started'
})
afterAll(() => install.remove())

it('prints what a run is, its memory, plan and graphs', () => {
  const { code, out } = graft('show', run)
  expect(code).toBe(0)
  expect(out).toMatch(new RegExp(`^run +${run} {2}"shown"$`, 'm'))
  expect(out).toMatch(/^state +done, step 2 of 2$/m)
  expect(out).toMatch(/^trains +\d.* parameters \(\d+ %\)$/m)
  expect(out).toMatch(/^measured at most: \d+ MB, of the whole process$/m)
  expect(out).toMatch(/^plan {2}llama 2 layers · LoRA · 2 × \d+ tokens$/m)
  expect(out).toMatch(/^input batch\.ids = %0: i32/m)
})

it('prints the forecast that the run itself made, part by part', () => {
  const { out } = graft('show', run, '--json')
  const { run: view, memory } = JSON.parse(out) as { run: { prepared: { memory: object[] } }; memory: object[] }
  expect(memory).toEqual(view.prepared.memory)
})

it.each([
  ['--plan', /^slots$/m, /input batch\.ids = %0/],
  ['--graph', /= rmsNorm\(/, /^slots$/m],
  ['--memory', /frozen weights +\d/, /^slots$/m],
])('prints with %s only that', (option, own, other) => {
  const { out } = graft('show', run, option)
  expect(out).toMatch(own)
  expect(out).not.toMatch(other)
  expect(out).not.toMatch(/^state /m)
})

it('still says what it was where its base model was moved', async () => {
  await rename(join(install.root, 'tiny'), join(install.root, 'elsewhere'))
  const { code, out, err } = graft('show', run)
  expect([code, err]).toEqual([1, expect.stringMatching(/^graft: model ".*tiny": expected a folder with config\.json/)])
  expect(out).toMatch(/^state +done/m)
})

it('says where there is no such run', () => {
  const { code, err } = graft('show', 'none')
  expect([code, err]).toEqual([1, expect.stringMatching(/^graft: run "none": expected a run of this workspace/)])
})
