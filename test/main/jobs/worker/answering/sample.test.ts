import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { resultOf } from '../../../../../main/jobs'
import { tinyStudio, type TinyStudio } from '../tiny-studio'

let studio: TinyStudio
beforeAll(async () => void (studio = await tinyStudio()))
afterAll(() => studio.close())

/** Trains a run to its end and returns its id. */
async function trained(method: 'lora' | 'full'): Promise<string> {
  const id = await studio.jobs.createAndStart(studio.spec({ steps: 6, learningRate: 0.05, warmup: 0 }, { id: method }))
  for await (const _event of studio.jobs.events(id, 0)) void _event
  expect((await studio.jobs.view(id)).state).toBe('done')
  return id
}

const answer = async (whose: object): Promise<unknown> => {
  const sampling = { maxNewTokens: 12 }
  const payload = { ...whose, prompt: 'How are you?', sampling }
  return (await resultOf(studio.queue.startJob({ kind: 'sample', payload })))['text']
}

describe.each(['lora', 'full'] as const)('an answer of a %s run', (method) => {
  it('is the trained model’s, or the base model’s where the method is switched off', async () => {
    const runId = await trained(method)
    const { model } = (await studio.jobs.view(runId)).spec
    const [own, base, alone] = [await answer({ runId }), await answer({ runId, base: true }), await answer({ model })]
    expect(base).toBe(alone)
    expect(own).not.toBe(base)
  })
})
