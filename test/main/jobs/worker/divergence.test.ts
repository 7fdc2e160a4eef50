import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { openSafetensors } from '../../../../main/engine/checkpoint'
import { memorySource } from '../../../../main/engine/tensor'
import { listCheckpoints, runPaths } from '../../../../main/runs'
import type { RunSpec, RunSpecInput, RunView } from '../../../../preload/contract'
import { writeTinyModel, type TinyModelChanges } from '../../../helpers/tiny-model'
import { collect } from '../studio'
import { tinyStudio, type TinyStudio } from './tiny-studio'

let studio: TinyStudio
beforeAll(async () => {
  studio = await tinyStudio()
})
afterAll(() => studio.close())

async function runToItsEnd(spec: RunSpec): Promise<RunView> {
  const id = await studio.jobs.createAndStart(spec)
  await collect(studio.jobs.events(id, 0))
  return studio.jobs.view(id)
}

async function expectFiniteExport(id: string): Promise<void> {
  const bytes = await studio.exported(id, 'merged-hf', 'model.safetensors')
  const file = await openSafetensors(memorySource('model.safetensors', bytes))
  expect(file.names.length).toBeGreaterThan(0)
  for (const name of file.names) expect((await file.readFloat32(name)).every(Number.isFinite), name).toBe(true)
}

const absurd = { learningRate: 10, schedule: 'constant', evaluateEvery: 0, steps: 24 } as const
/** Scores near the end of float32: after a few such steps they are infinite. */
const fragile = { finalNorm: 1e36 }

const cases: readonly {
  readonly name: string
  readonly training: RunSpecInput['training']
  readonly model?: TinyModelChanges
  readonly message: RegExp
  /** The checkpoints that are left. */
  readonly kept: readonly number[]
}[] = [
  {
    name: 'a loss that climbs: the checkpoint from before it climbed is kept',
    training: { ...absurd, warmup: 0, checkpointEvery: 1 },
    message: /^step 9: .* above twice its first value .*; .* start again with a lower learning rate/,
    kept: [1],
  },
  {
    name: 'a loss that climbs before any checkpoint: better this state than none',
    training: { ...absurd, warmup: 0, checkpointEvery: 0 },
    message: /^step 9: /,
    kept: [9],
  },
  {
    name: 'a loss that is no number: nothing is saved any more',
    training: { ...absurd, warmup: 1, checkpointEvery: 2 },
    model: fragile,
    message: /^step 5: expected finite numbers, got a loss NaN; .* start again with a lower learning rate$/,
    kept: [2, 4],
  },
  {
    name: 'a held-out loss that is no number: the best checkpoint is kept',
    training: { ...absurd, warmup: 1, evaluateEvery: 1, checkpointEvery: 1 },
    model: fragile,
    message: /^evaluation: expected a finite loss, got NaN; train again with a lower learning rate/,
    kept: [2, 3],
  },
]

it.each(cases)('$name', async ({ training, model: changes, message, kept }) => {
  const plain = studio.spec(training, { id: 'full' })
  const path = join(studio.install.root, 'fragile')
  const model = changes ? ({ kind: 'folder', path: await writeTinyModel(path, changes) } as const) : plain.model
  const view = await runToItsEnd({ ...plain, model })
  expect(view).toMatchObject({ state: 'failed', failure: { code: 'training-diverged' } })
  expect(view.failure?.message).toMatch(message)
  const left = await listCheckpoints(runPaths(studio.paths.runs, view.id).checkpoints)
  expect(left.map(({ step }) => step)).toEqual(kept)
  await expectFiniteExport(view.id)
})

it('is an exit code of 1 and one message on the command line', () => {
  const { dataset, model } = studio.spec({})
  const flags = ['--method', 'full', '--lr', '10', '--warmup', '0', '--schedule', 'constant', '--evaluate-every', '0']
  const args = ['train', '--data', dataset.id, '--model', model.kind === 'folder' ? model.path : '', '--steps', '24']
  const ended = spawnSync(
    process.execPath,
    [studio.install.cli, '--workspace', studio.paths.root, ...args, ...flags, '--batch', '2'],
    { encoding: 'utf8' },
  )
  expect(ended.status).toBe(1)
  expect(ended.stderr.split('\n').filter((line) => line.startsWith('graft: '))).toEqual([
    expect.stringMatching(/^graft: step 9: the loss has been above twice/),
  ])
})
