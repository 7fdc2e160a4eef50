import { cp, readdir, readFile, rm, truncate, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { openSafetensors, type TensorFile } from '../../../../../main/engine/checkpoint'
import { memorySource } from '../../../../../main/engine/tensor'
import { runPaths } from '../../../../../main/runs'
import type { RunSpec, RunView, StartFrom } from '../../../../../preload/contract'
import { writeTinyModel } from '../../../../helpers/tiny-model'
import { collect, waitFor } from '../../studio'
import { tinyStudio, type TinyStudio } from '../tiny-studio'

const LORA = { id: 'lora', parameters: { r: 4, dropout: 0.1, alpha: 12, targets: 'q_proj, down_proj' } }
const TRAINING = { maxLength: 256, learningRate: 0.05, schedule: 'constant', warmup: 0, evaluateEvery: 2 } as const

let studio: TinyStudio
/** A finished run of each method, and the folder of the LoRA's adapter. */
let lora: RunView
let full: RunView
let adapter: string
beforeAll(async () => {
  studio = await tinyStudio()
  lora = await finished(studio.spec({ ...TRAINING, steps: 6 }, LORA))
  full = await finished(studio.spec({ ...TRAINING, learningRate: 0.01, steps: 4 }, { id: 'full' }))
  adapter = join(studio.install.root, 'my-adapter')
  await cp((await studio.jobs.export(lora.id, 'peft')).path, adapter, { recursive: true })
})
afterAll(() => studio.close())

async function finished(spec: RunSpec): Promise<RunView> {
  const id = await studio.jobs.createAndStart(spec)
  await collect(studio.jobs.events(id, 0))
  const view = await studio.jobs.view(id)
  expect(view.failure).toBeUndefined()
  expect(view.state).toBe('done')
  return view
}

/** A run on the same rows that goes on from something. */
const goingOn = (startFrom: StartFrom, changes: Partial<RunSpec> = {}): RunSpec => ({
  ...studio.spec({ ...TRAINING, steps: 5 }, { id: 'lora' }),
  startFrom,
  ...changes,
})
const fromRun = (id: string, checkpoint: 'best' | 'last' | number = 'best'): StartFrom => ({
  kind: 'run',
  id,
  checkpoint,
})

const atStep = ({ evaluations }: RunView, step: unknown) => evaluations.find((each) => each.step === step)

async function tensorsIn(path: string): Promise<TensorFile> {
  return openSafetensors(memorySource(path, await readFile(path)))
}

/** All of a run that is a function of its spec. */
const record = ({ points, evaluations, samples }: RunView) => ({
  points: points.map(
    ({ tokensPerSecond: _rate, trainedTokensPerSecond: _trained, memory: _memory, ...point }) => point,
  ),
  evaluations,
  samples,
})

describe('a run that continues another', () => {
  it('starts exactly at that one’s result, and counts its own steps', async () => {
    const best = lora.result?.['resultStep']
    const view = await finished(goingOn(fromRun(lora.id)))
    expect(view.evaluations[0]).toMatchObject({ step: 0, loss: atStep(lora, best)?.loss })
    expect(view.points.map(({ step }) => step)).toEqual([1, 2, 3, 4, 5])
    // The score of what it started from is that of the run before.
    expect(view.evaluations[0]?.score).toEqual(atStep(lora, best)?.score)
    expect(view.spec).toMatchObject({ startFrom: { id: lora.id, checkpoint: best }, method: LORA })
    const before = await tensorsIn(join(adapter, 'adapter_model.safetensors'))
    const own = await tensorsIn(join(runPaths(studio.paths.runs, view.id).start, 'state.safetensors'))
    for (const name of before.names) {
      expect(await own.readFloat32(name.replace('base_model.model.', ''))).toEqual(await before.readFloat32(name))
    }
  })

  it('takes other rows in another order than the steps before', async () => {
    const first = await finished(studio.spec({ ...TRAINING, learningRate: 1e-9, steps: 2 }, LORA))
    const second = await finished(goingOn(fromRun(first.id), { training: first.spec.training }))
    expect(second.points.map(({ tokens }) => tokens)).not.toEqual(first.points.map(({ tokens }) => tokens))
  })

  it('starts at a chosen checkpoint, with another dropout', async () => {
    const method = { id: 'lora', parameters: { dropout: 0 } }
    const view = await finished(goingOn(fromRun(lora.id, 6), { method }))
    expect(view.evaluations[0]?.loss).toBe(atStep(lora, 6)?.loss)
    expect(view.spec.method.parameters).toEqual({ ...LORA.parameters, dropout: 0 })
  })

  it('of full fine-tuning, too', async () => {
    const view = await finished(goingOn(fromRun(full.id, 'last'), { method: { id: 'full', parameters: {} } }))
    expect(view.evaluations[0]?.loss).toBe(atStep(full, 4)?.loss)
  })

  it('is exact when it is interrupted and resumed', async () => {
    const spec = goingOn(fromRun(lora.id))
    const expected = record(await finished(spec))
    for (const moment of ['sample', 'step'] as const) {
      const id = await studio.jobs.createAndStart(spec)
      await waitFor(studio.jobs.events(id, 0), ({ type }) => type === moment)
      process.kill(studio.queue.active()[0]?.pid as number, 'SIGKILL')
      await collect(studio.jobs.events(id, 0))
      const { state, lastSeq } = await studio.jobs.view(id)
      expect(state).toBe('interrupted')
      await studio.jobs.resume(id)
      await collect(studio.jobs.events(id, lastSeq))
      expect(record(await studio.jobs.view(id))).toEqual(expected)
    }
  })

  it('does not need the other one any more, which may be deleted while it waits', async () => {
    const source = await finished(studio.spec({ ...TRAINING, steps: 2 }, LORA))
    const expected = record(await finished(goingOn(fromRun(source.id))))
    const ahead = await studio.jobs.createAndStart(studio.spec({ steps: 500 }, LORA))
    const id = await studio.jobs.createAndStart(goingOn(fromRun(source.id)))
    await studio.jobs.remove(source.id)
    await studio.jobs.control(ahead, 'stop-discard')
    await collect(studio.jobs.events(id, 0))
    expect(record(await studio.jobs.view(id))).toEqual(expected)
  })

  it('says so in the card of its export', async () => {
    const { id } = await finished(goingOn(fromRun(lora.id), { name: 'more' }))
    const { path } = await studio.jobs.export(id, 'peft')
    const card = await readFile(join(path, 'README.md'), 'utf8')
    expect(card).toMatch(`Training went on from run "${lora.id}", step ${lora.result?.['resultStep']}.`)
    expect(card).toContain('| on held-out rows | at its start | after |')
  })

  it('warns where it holds out rows that the other one was trained on', async () => {
    const { training } = goingOn(fromRun(lora.id))
    const { prepared } = await finished(goingOn(fromRun(lora.id), { training: { ...training, seed: 7 } }))
    expect(prepared?.notes).toEqual([expect.stringMatching(/^held out are other rows than in the run/)])
  })
})

describe('a run that continues an adapter', () => {
  it('starts exactly at the adapter', async () => {
    const view = await finished(goingOn({ kind: 'adapter', path: adapter }))
    expect(view.evaluations[0]?.loss).toBe(atStep(lora, lora.result?.['resultStep'])?.loss)
    expect(view.prepared?.notes).toEqual([])
    expect(view.spec.method).toMatchObject({ id: 'lora', parameters: { r: 4, alpha: 12 } })
  })

  it('of another program: says where the name of the base model differs', async () => {
    const folder = await changedAdapter('foreign', async (path) => {
      const file = await tensorsIn(join(path, 'adapter_model.safetensors'))
      expect(file.metadata['graft_base']).toMatch(/^[0-9a-f]{64}$/)
      const bytes = await readFile(join(path, 'adapter_model.safetensors'))
      await writeFile(join(path, 'adapter_model.safetensors'), withoutFingerprint(bytes))
      await changeConfig(path, { base_model_name_or_path: 'someone/other-135M' })
    })
    const { prepared } = await finished(goingOn({ kind: 'adapter', path: folder }))
    expect(prepared?.notes).toEqual([
      expect.stringContaining('trained on "someone/other-135M", and the base model here is "tiny"'),
    ])
  })
})

/** Blanks the key, so that the header keeps its length. */
function withoutFingerprint(bytes: Buffer): Buffer {
  const at = bytes.indexOf('graft_base')
  return Buffer.concat([bytes.subarray(0, at), Buffer.from('somebodys_'), bytes.subarray(at + 10)])
}

async function changeConfig(folder: string, changes: object): Promise<void> {
  const path = join(folder, 'adapter_config.json')
  const config = JSON.parse(await readFile(path, 'utf8')) as object
  await writeFile(path, JSON.stringify({ ...config, ...changes }))
}

async function changedAdapter(name: string, change: (folder: string) => Promise<unknown>): Promise<string> {
  const folder = join(dirname(adapter), name)
  await cp(adapter, folder, { recursive: true })
  await change(folder)
  return folder
}

describe('is refused before there is a run:', () => {
  const weights = 'adapter_model.safetensors'
  const damagedAdapter = async (name: string, change: (folder: string) => Promise<unknown>): Promise<RunSpec> =>
    goingOn({ kind: 'adapter', path: await changedAdapter(name, change) })
  const onBase = async (config: object, finalNorm: number): Promise<RunSpec['model']> => ({
    kind: 'folder',
    path: await writeTinyModel(join(studio.install.root, `base-${finalNorm}`), { config: { ...config }, finalNorm }),
  })

  it.each<[string, () => RunSpec | Promise<RunSpec>, RegExp]>([
    ['an unknown run', () => goingOn(fromRun('none')), /^run "none": expected a run of this workspace, got none/],
    [
      'a step that was not kept',
      () => goingOn(fromRun(lora.id, 1)),
      /expected a checkpoint of step 1, got those of steps .*6; choose one of them/,
    ],
    [
      'another method',
      () => goingOn(fromRun(full.id)),
      /^start: method: expected full, that of run ".*", got lora; leave it out/,
    ],
    [
      'another rank',
      () => goingOn(fromRun(lora.id), { method: { id: 'lora', parameters: { r: 8 } } }),
      /^start: LoRA: r: expected 4, as in run ".*", got 8; leave it out/,
    ],
    [
      'another base model of the same shapes',
      async () => goingOn(fromRun(lora.id), { model: await onBase({}, 2) }),
      /^start: base model: expected the weights that run ".*" was trained on, got others \("base-2"\)/,
    ],
    [
      'the same for an adapter',
      async () => goingOn({ kind: 'adapter', path: adapter }, { model: await onBase({}, 3) }),
      /^start: base model: expected the weights that adapter "my-adapter" was trained on, got others/,
    ],
    [
      'a base model of another shape',
      async () => goingOn(fromRun(lora.id), { model: await onBase({ hidden_size: 64 }, 4) }),
      /expected a tensor \[4, 64\] for this base model, got \[4, 32\]; choose the base model of that run/,
    ],
    [
      'the same for an adapter',
      async () => goingOn({ kind: 'adapter', path: adapter }, { model: await onBase({ hidden_size: 64 }, 5) }),
      /adapter_model.safetensors: .*: expected shape \[4, 64\], got \[4, 32\]; the adapter belongs to another model/,
    ],
    ['no folder', () => goingOn({ kind: 'adapter', path: '/nowhere' }), /^adapter "\/nowhere": expected a folder with/],
    [
      'a folder without weights',
      () => damagedAdapter('without', (folder) => rm(join(folder, weights))),
      /expected a file adapter_model.safetensors, got none/,
    ],
    [
      'weights cut short',
      () => damagedAdapter('short', (folder) => truncate(join(folder, weights), 5000)),
      /adapter_model.safetensors: expected .* bytes/,
    ],
    [
      'weights that are no numbers',
      () =>
        damagedAdapter('nan', async (folder) => {
          const bytes = await readFile(join(folder, weights))
          await writeFile(join(folder, weights), bytes.fill(0xff, bytes.length - 64))
        }),
      /^adapter: model\..*: expected numbers, got NaN; the file is damaged or its training diverged/,
    ],
    [
      'another kind of adapter',
      () => damagedAdapter('ia3', (folder) => changeConfig(folder, { peft_type: 'IA3' })),
      /peft_type: expected an adapter of LoRA.*, got "IA3"/,
    ],
  ])('%s', async (_what, spec, message) => {
    const asked = await spec()
    const before = await readdir(studio.paths.runs)
    await expect(studio.jobs.createAndStart(asked)).rejects.toThrow(message)
    expect(await readdir(studio.paths.runs)).toEqual(before)
  })

  it('a run that is at work', async () => {
    const id = await studio.jobs.createAndStart(studio.spec({ steps: 500 }, LORA))
    await waitFor(studio.jobs.events(id, 0), ({ type }) => type === 'step')
    await expect(studio.jobs.createAndStart(goingOn(fromRun(id)))).rejects.toThrow(/one that has ended, .*; wait/)
    await studio.jobs.control(id, 'stop-discard')
    await collect(studio.jobs.events(id, 0))
    await expect(studio.jobs.createAndStart(goingOn(fromRun(id)))).rejects.toThrow(/expected a checkpoint, got none/)
  })
})
