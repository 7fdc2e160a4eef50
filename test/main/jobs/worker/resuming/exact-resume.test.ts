import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createRng } from '../../../../../main/engine/rng'
import { createRun } from '../../../../../main/runs'
import type { JobEvent, RunSpec, RunSpecInput, RunView } from '../../../../../preload/contract'
import { collect, now, waitFor } from '../../studio'
import { blows, goOnUntil, type Moment } from './interrupted-run'
import { tinyStudio, type TinyStudio } from '../tiny-studio'

let studio: TinyStudio
beforeAll(async () => {
  studio = await tinyStudio()
})
afterAll(() => studio.close())

/** A high rate, so that the held-out loss goes up and down and the best checkpoint is not the last one. */
const lora = (): RunSpec =>
  studio.spec({ learningRate: 0.1, schedule: 'constant', evaluateEvery: 3, checkpointEvery: 5 })
const full = (): RunSpec =>
  studio.spec({ steps: 10, learningRate: 0.01, evaluateEvery: 3, checkpointEvery: 2 }, { id: 'full' })

const packed = (): RunSpec =>
  studio.spec({ steps: 10, packing: true, batchSize: 6, learningRate: 0.01, evaluateEvery: 3, checkpointEvery: 2 })

/** With so many rows that scoring the untrained model, which comes second, outlasts the way of a blow. */
const scoredAtLength = (training: RunSpecInput['training']): RunSpec => ({
  ...studio.spec({ ...training, validationShare: 0.5 }),
  metric: { kind: 'exact-match', rows: 30 },
})

/** All of a run that must not depend on how often it was interrupted. */
interface Outcome {
  readonly state: string
  readonly points: readonly object[]
  readonly evaluations: RunView['evaluations']
  readonly samples: RunView['samples']
  readonly lastCheckpoint: unknown
  readonly resultStep: unknown
  readonly bytes: Buffer
}

async function outcomeOf(id: string): Promise<Outcome> {
  const view = await studio.jobs.view(id)
  const isFull = view.spec.method.id === 'full'
  const bytes = isFull
    ? await studio.exported(id, 'merged-hf', 'model.safetensors')
    : await studio.exported(id, 'peft', 'adapter_model.safetensors')
  return {
    state: view.state,
    points: view.points.map(
      ({ tokensPerSecond: _rate, trainedTokensPerSecond: _trainedRate, memory: _memory, ...point }) => point,
    ),
    evaluations: view.evaluations,
    samples: view.samples,
    lastCheckpoint: view.checkpoints.at(-1),
    resultStep: view.result?.['resultStep'],
    bytes,
  }
}

async function uninterrupted(spec: RunSpec): Promise<Outcome> {
  const id = await studio.jobs.createAndStart(spec)
  await collect(studio.jobs.events(id, 0))
  return outcomeOf(id)
}

/** A run that nobody has begun yet: its process died at the earliest moment. */
async function begin(spec: RunSpec, suffix: string): Promise<string> {
  return (await createRun(studio.paths.runs, { spec, createdAt: now(), suffix })).id
}

async function finish(id: string): Promise<Outcome> {
  const { state, lastSeq } = await studio.jobs.view(id)
  if (state !== 'done') {
    await studio.jobs.resume(id)
    await collect(studio.jobs.events(id, lastSeq))
  }
  return outcomeOf(id)
}

/** What can be waited for, more of it where a run spends more of its life. */
const kinds = ['step', 'step', 'step', 'sample', 'evaluation', 'checkpoint', 'stage', 'writing', 'score'] as const

function randomMoments(count: number, seed: number): Moment[] {
  const rng = createRng(seed)
  return Array.from({ length: count }, (_, i) => ({
    blow: blows[i % blows.length] as Moment['blow'],
    type: kinds[rng.integer(kinds.length)] as Moment['type'],
    nth: 1 + rng.integer(3),
    delay: rng.integer(12),
  }))
}

/** Plays the moments on one run after another: each as long as it lasts. Returns how they all ended. */
async function play(spec: RunSpec, moments: readonly Moment[], name: string): Promise<Outcome[]> {
  const ids = [await begin(spec, `${name}0`)]
  for (const moment of moments) {
    const id = ids.at(-1) as string
    await goOnUntil(studio, id, moment)
    if ((await studio.jobs.view(id)).state === 'done') ids.push(await begin(spec, `${name}${ids.length}`))
  }
  const outcomes: Outcome[] = []
  for (const id of ids) outcomes.push(await finish(id))
  return outcomes
}

const isStep = (step: number) => (event: JobEvent) => event.type === 'step' && event.step === step
const isState = (state: string) => (event: JobEvent) => event.type === 'state' && event.state === state

describe('a run that is interrupted and resumed equals one that is not, bit for bit', () => {
  it('LoRA with dropout, at 20 random moments', async () => {
    const expected = await uninterrupted(lora())
    expect(expected).toMatchObject({ state: 'done', points: { length: 24 }, samples: { length: 18 } })
    // Otherwise the best checkpoint would be no test.
    expect(expected.resultStep).not.toBe(24)
    for (const outcome of await play(lora(), randomMoments(20, 4), 'r')) expect(outcome).toEqual(expected)
  })

  it.each([
    { what: 'full fine-tuning', spec: full },
    { what: 'packed rows', spec: packed },
  ])('$what, at 4 random moments', async ({ what, spec }) => {
    const expected = await uninterrupted(spec())
    for (const outcome of await play(spec(), randomMoments(4, 11), what.slice(0, 2))) expect(outcome).toEqual(expected)
  })

  it('5 steps, a restart and 5 steps equal 10', async () => {
    const spec = studio.spec({ steps: 10, evaluateEvery: 0, checkpointEvery: 5 })
    const expected = await uninterrupted(spec)
    const id = await begin(spec, 'five')
    await goOnUntil(studio, id, { blow: 'kill the worker', type: 'checkpoint', nth: 1, delay: 0 })
    expect(await finish(id)).toEqual(expected)
  })

  it('killed while the result is being scored', async () => {
    const spec = scoredAtLength({ steps: 6, evaluateEvery: 2, checkpointEvery: 0 })
    const expected = await uninterrupted(spec)
    const id = await begin(spec, 'scor')
    await goOnUntil(studio, id, { blow: 'kill the worker', type: 'score', nth: 1, delay: 0 })
    expect((await studio.jobs.view(id)).state).toBe('interrupted')
    expect(await finish(id)).toEqual(expected)
  })

  it('stopped early, and killed after that', async () => {
    const spec = scoredAtLength({ learningRate: 0.1, schedule: 'constant', evaluateEvery: 1, patience: 1 })
    const expected = await uninterrupted(spec)
    expect(expected.points.length).toBeLessThan(24)
    const id = await begin(spec, 'earl')
    await goOnUntil(studio, id, { blow: 'kill the worker', type: 'score', nth: 1, delay: 0 })
    expect((await studio.jobs.view(id)).state).toBe('interrupted')
    expect(await finish(id)).toEqual(expected)
  })
})

describe('a pause, and a checkpoint asked for during it', () => {
  /** The best step is the 18th, after which the loss only rises: a run that forgets it takes the next for better. */
  const spec = (): RunSpec =>
    studio.spec({ learningRate: 1, seed: 1, schedule: 'constant', evaluateEvery: 1, checkpointEvery: 0 })
  const pauseAt = 20

  /** Returns the run, paused, and the number of its last event. */
  async function pausedWithCheckpoint(): Promise<{ id: string; lastSeq: number }> {
    const id = await studio.jobs.createAndStart(spec())
    await waitFor(studio.jobs.events(id, 0), isStep(pauseAt))
    await studio.jobs.control(id, 'pause')
    await waitFor(studio.jobs.events(id, 0), isState('paused'))
    const { lastSeq } = await studio.jobs.view(id)
    await studio.jobs.control(id, 'checkpoint')
    await waitFor(studio.jobs.events(id, lastSeq), ({ type }) => type === 'checkpoint')
    return { id, lastSeq }
  }

  it('change nothing, also where the run is killed then', async () => {
    const expected = await uninterrupted(spec())
    expect(expected.resultStep).toBeLessThan(pauseAt)
    const resumed = await pausedWithCheckpoint()
    await studio.jobs.control(resumed.id, 'resume')
    await collect(studio.jobs.events(resumed.id, resumed.lastSeq))
    expect(await outcomeOf(resumed.id)).toEqual(expected)

    const killed = await pausedWithCheckpoint()
    process.kill(studio.queue.active()[0]?.pid as number, 'SIGKILL')
    await collect(studio.jobs.events(killed.id, killed.lastSeq))
    expect(await finish(killed.id)).toEqual(expected)
  })
})
