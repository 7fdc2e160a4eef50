import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { resultOf, type Speaker } from '../../../../../main/jobs'
import type { ExportFormat } from '../../../../../preload/contract'
import { tinyStudio, type TinyStudio } from '../tiny-studio'

let studio: TinyStudio
/** Runs of two methods, and their folders as the libraries have them. */
const runs: Record<string, string> = {}
const folders: Record<string, string> = {}

async function train(method: string, format: ExportFormat): Promise<void> {
  const id = await studio.jobs.createAndStart(studio.spec({ steps: 4, learningRate: 0.05, warmup: 0 }, { id: method }))
  for await (const _event of studio.jobs.events(id, 0)) void _event
  runs[method] = id
  folders[method] = (await studio.jobs.export(id, format)).path
}

beforeAll(async () => {
  studio = await tinyStudio()
  await train('lora', 'peft')
  await train('adapter', 'adapterhub')
})
afterAll(() => studio.close())

const run = (method: string): Speaker => ({ kind: 'run', name: `${method} run`, id: runs[method] as string })
const folder = (method: string): Speaker => ({
  kind: 'adapter',
  name: `${method} folder`,
  path: folders[method] as string,
})
const base: Speaker = { kind: 'base', name: 'base' }

interface Answer {
  readonly speaker: string
  readonly text: string
}

/** What each says, by its name, and what was told meanwhile. */
async function ask(speakers: readonly Speaker[]) {
  const { model } = (await studio.jobs.view(runs['lora'] as string)).spec
  const sampling = { maxNewTokens: 10, temperature: 0, repetitionPenalty: 1 }
  const payload = { model, speakers, prompt: 'Number 3: what colour is the tree?', sampling }
  const job = studio.queue.startJob({ kind: 'sample', payload })
  const { answers } = (await resultOf(job)) as unknown as { answers: readonly Answer[] }
  const told: string[] = []
  for await (const event of job.events(0)) {
    if (event.type === 'token') told.push(`${event.speaker ?? ''}|${event.text}`)
    if (event.type === 'log') told.push(event.text)
  }
  return { said: new Map(answers.map(({ speaker, text }) => [speaker, text])), told }
}

describe('several on one loaded model', () => {
  it('answer as each would alone: runs, their folders of both libraries, and the model itself', async () => {
    const { said, told } = await ask([base, run('lora'), run('adapter'), folder('lora'), folder('adapter')])
    expect(said.get('lora folder')).toBe(said.get('lora run'))
    expect(said.get('adapter folder')).toBe(said.get('adapter run'))
    expect(new Set([said.get('base'), said.get('lora run'), said.get('adapter run')]).size).toBe(3)
    for (const name of said.keys())
      expect(told.flatMap((line) => (line.startsWith(`${name}|`) ? [line.slice(name.length + 1)] : [])).join('')).toBe(
        said.get(name),
      )
    const { said: alone, told: plain } = await ask([folder('adapter')])
    expect(alone.get('adapter folder')).toBe(said.get('adapter run'))
    expect(plain.every((line) => line.startsWith('|'))).toBe(true)
  })
})

describe('an adapter folder', () => {
  it('is measured on the held-out rows of a run in place of what that has learned', async () => {
    const evaluate = (payload: object) => resultOf(studio.queue.startJob({ kind: 'evaluate', payload }))
    const adapter = await evaluate({ runId: runs['adapter'] })
    const measured = await evaluate({ runId: runs['lora'], adapter: folders['adapter'] })
    expect(measured['loss']).toBe(adapter['loss'])
    const view = await studio.jobs.view(runs['lora'] as string)
    expect(measured['loss']).not.toBeCloseTo(view.evaluations.at(-1)?.loss as number, 3)
    expect(measured['score']).toEqual(adapter['score'])
  })

  it('of AdapterHub can be trained on', async () => {
    const path = folders['adapter'] as string
    const spec = studio.spec({ steps: 1, learningRate: 0.01 }, { id: 'adapter' })
    const id = await studio.jobs.createAndStart({ ...spec, startFrom: { kind: 'adapter', path } })
    for await (const _event of studio.jobs.events(id, 0)) void _event
    const view = await studio.jobs.view(id)
    expect(view.state).toBe('done')
    const before = (await studio.jobs.view(runs['adapter'] as string)).evaluations.at(-1)
    expect(view.evaluations[0]?.loss).toBeCloseTo(before?.loss as number, 5)
  })

  it('that is none is refused with what it is', async () => {
    const wrong = join(studio.install.root, 'wrong')
    await mkdir(wrong, { recursive: true })
    await writeFile(join(wrong, 'config.json'), '{}')
    await expect(ask([{ kind: 'adapter', name: 'wrong', path: wrong }])).rejects.toThrow('open it as a base model')
    const path = join(wrong, 'nowhere')
    await expect(ask([{ kind: 'adapter', name: 'x', path }])).rejects.toThrow('got no such folder')
  })
})
