import { cp } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { resultOf } from '../../../../main/jobs'
import type { RunSpecInput, RunView } from '../../../../preload/contract'
import { collect } from '../studio'
import { tinyStudio, type TinyStudio } from './tiny-studio'

let studio: TinyStudio
beforeAll(async () => void (studio = await tinyStudio()))
afterAll(() => studio.close())

/** Tensors in front of the texts: at the input, in every layer, and made by a network. */
const methods = {
  prompt: { id: 'prompt', parameters: { tokens: 5 } },
  prefix: { id: 'prefix', parameters: { tokens: 6 } },
  'p-tuning': { id: 'p-tuning', parameters: { tokens: 3, hidden: 8 } },
} as const
type Method = keyof typeof methods

async function trained(method: Method, changes: RunSpecInput['training'], more = {}): Promise<RunView> {
  const training = { steps: 4, learningRate: 0.05, warmup: 0, evaluateEvery: 2, maxLength: 100, ...changes }
  const id = await studio.jobs.createAndStart({ ...studio.spec(training, methods[method]), ...more })
  await collect(studio.jobs.events(id, 0))
  const view = await studio.jobs.view(id)
  expect(view.failure).toBeUndefined()
  expect(view.state).toBe('done')
  return view
}

const job = async (kind: 'sample' | 'evaluate', payload: object) => resultOf(studio.queue.startJob({ kind, payload }))
const lossAt = ({ evaluations }: RunView, step: unknown): number =>
  evaluations.find((each) => each.step === step)?.loss ?? NaN

/** The exported adapter of a run, where a person has put it. */
async function adapterOf({ id }: RunView): Promise<string> {
  const folder = join(studio.install.root, `adapter of ${id}`)
  await cp((await studio.jobs.export(id, 'peft')).path, folder, { recursive: true })
  return folder
}

describe.each(Object.keys(methods) as Method[])('a run of %s', (method) => {
  let run: RunView
  beforeAll(async () => void (run = await trained(method, {})))

  it('learns, and measured again its result is as good as it was', async () => {
    const best = run.result?.['resultStep']
    expect(lossAt(run, best)).toBeLessThan(lossAt(run, 0))
    expect((await job('evaluate', { runId: run.id }))['loss']).toBe(lossAt(run, best))
  })

  it('answers otherwise than its base model, and the base model as if there were no method', async () => {
    const ask = async (whose: object) =>
      (await job('sample', { ...whose, prompt: 'How are you?', sampling: { maxNewTokens: 12 } }))['text']
    const [own, base, alone] = [
      await ask({ runId: run.id }),
      await ask({ runId: run.id, base: true }),
      await ask({ model: run.spec.model }),
    ]
    expect(base).toBe(alone)
    expect(own).not.toBe(base)
  })

  it('loses nothing where its rows are packed', async () => {
    const whole = { steps: 2, epochs: 2, batchSize: 54, accumulation: 1, validationShare: 0.1, evaluateEvery: 1 }
    const [plain, packed] = [await trained(method, whole), await trained(method, { ...whole, packing: true })]
    packed.points.forEach(({ loss }, i) => expect(loss / (plain.points[i]?.loss ?? NaN)).toBeCloseTo(1, 4))
    packed.evaluations.forEach(({ loss }, i) => expect(loss).toBeCloseTo(plain.evaluations[i]?.loss ?? NaN, 3))
    expect(packed.points.at(-1)?.tokens).toBe(plain.points.at(-1)?.tokens)
  })
})

it('a run says how many tokens of a row are left for its text', async () => {
  const { prepared } = await trained('prompt', { steps: 1 })
  expect(prepared?.notes).toContain('of the 100 tokens that a row may have 5 are virtual: 95 are left for its text')
})

describe('an adapter of virtual tokens', () => {
  it('can be trained on where it is all that was trained', async () => {
    const before = await trained('prompt', {})
    const startFrom = { kind: 'adapter', path: await adapterOf(before) } as const
    const after = await trained('prompt', { steps: 2 }, { startFrom })
    expect(lossAt(after, 0)).toBeCloseTo(lossAt(before, before.result?.['resultStep']), 5)
  })

  it('is refused where the network that made it is not in the file', async () => {
    const startFrom = { kind: 'adapter', path: await adapterOf(await trained('p-tuning', {})) } as const
    const attempt = studio.jobs.createAndStart({ ...studio.spec({ steps: 2 }, methods['p-tuning']), startFrom })
    await expect(attempt).rejects.toMatchObject({ code: 'start-mismatch' })
    await expect(attempt).rejects.toThrow(/expected the network that P-Tuning trains, got only what it made/)
  })
})
