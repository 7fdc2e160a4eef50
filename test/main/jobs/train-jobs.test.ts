import { appendFile, readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { readRunView, runPaths } from '../../../main/runs'
import { bundleEntry } from '../../helpers/bundle'
import { collect, countingSpec, openStudio, statesOf, waitFor, type Studio } from './studio'

const LONG = 100_000

let entry: string
let studio: Studio
beforeAll(async () => {
  entry = await bundleEntry('counting-worker.ts')
})
beforeEach(async () => {
  studio = await openStudio(entry)
})

const steps = (view: { points: readonly { step: number }[] }): number[] => view.points.map((point) => point.step)
const upTo = (last: number): number[] => Array.from({ length: last }, (_, index) => index + 1)
const untilStep = async (id: string, step: number): Promise<void> => {
  await waitFor(studio.jobs.events(id, 0), (event) => event.type === 'step' && event.step >= step)
}
const untilState = async (id: string, state: string): Promise<void> => {
  await waitFor(studio.jobs.events(id, 0), (event) => event.type === 'state' && event.state === state)
}

describe('a run from its start to its end', () => {
  it('tells all that it logs, and its view is the same live, from the files and in the list', async () => {
    const id = await studio.jobs.createAndStart(countingSpec('short', 8, 4))
    const events = await collect(studio.jobs.events(id, 0))
    expect(events.map((event) => event.seq)).toEqual(upTo(events.length))
    expect(statesOf(events)).toEqual(['queued', 'running', 'done'])
    const view = await studio.jobs.view(id)
    expect(view).toMatchObject({ state: 'done', step: 8, result: { count: 8 }, lastSeq: events.length })
    expect(steps(view)).toEqual(upTo(8))
    expect(await readRunView(studio.paths.runs, id)).toEqual(view)
    expect(await studio.jobs.list()).toMatchObject([{ id, name: 'short', state: 'done', step: 8, lastLoss: 1 / 8 }])
    expect(await collect(studio.jobs.events(id, 3))).toEqual(events.slice(3))
  })

  it('hands out a snapshot that later events do not touch, and that a subscription goes on from', async () => {
    const id = await studio.jobs.createAndStart(countingSpec('snapshot', 40))
    await untilStep(id, 5)
    const view = await studio.jobs.view(id)
    const frozen = structuredClone(view)
    const rest = await collect(studio.jobs.events(id, view.lastSeq))
    expect(view).toEqual(frozen)
    const later = rest.flatMap((event) => (event.type === 'step' ? [event.step] : []))
    expect([...steps(view), ...later]).toEqual(upTo(40))
  })

  it('fails with the worker’s own reason', async () => {
    const id = await studio.jobs.createAndStart(countingSpec('throw-at-3', 8))
    await collect(studio.jobs.events(id, 0))
    const { state, failure } = await studio.jobs.view(id)
    expect(state).toBe('failed')
    expect(failure?.message).toContain('the count is off')
    expect(failure?.message).not.toContain('\n')
  })
})

describe('controls', () => {
  it('pauses between steps, saves on demand meanwhile, and goes on', async () => {
    const id = await studio.jobs.createAndStart(countingSpec('pause', LONG))
    await untilStep(id, 3)
    await studio.jobs.control(id, 'pause')
    await untilState(id, 'paused')
    const paused = await studio.jobs.view(id)
    await studio.jobs.control(id, 'checkpoint')
    await waitFor(studio.jobs.events(id, paused.lastSeq), (event) => event.type === 'checkpoint')
    expect((await studio.jobs.view(id)).step).toBe(paused.step)
    await studio.jobs.control(id, 'resume')
    await untilStep(id, paused.step + 2)
    await studio.jobs.control(id, 'stop-keep')
    const states = statesOf(await collect(studio.jobs.events(id, 0)))
    expect(states).toEqual(['queued', 'running', 'pausing', 'paused', 'running', 'stopping', 'stopped'])
  })

  it('keeps a checkpoint of the last step on stop, and resumes from it in the same log', async () => {
    const id = await studio.jobs.createAndStart(countingSpec('stop', 30))
    await untilStep(id, 4)
    await studio.jobs.control(id, 'stop-keep')
    await collect(studio.jobs.events(id, 0))
    const stopped = await studio.jobs.view(id)
    expect(stopped.checkpoints).toEqual([{ step: stopped.step, best: false }])
    await studio.jobs.resume(id)
    const events = await collect(studio.jobs.events(id, 0))
    expect(events.map((event) => event.seq)).toEqual(upTo(events.length))
    const done = await studio.jobs.view(id)
    expect(done).toMatchObject({ state: 'done', step: 30 })
    expect(steps(done)).toEqual(upTo(30))
  })

  it('discards what was saved and keeps the record', async () => {
    const id = await studio.jobs.createAndStart(countingSpec('discard', LONG, 2))
    await untilStep(id, 5)
    await studio.jobs.control(id, 'stop-discard')
    await collect(studio.jobs.events(id, 0))
    await expect(studio.jobs.resume(id)).rejects.toMatchObject({ code: 'resume-impossible' })
    expect((await readdir(runPaths(studio.paths.runs, id).root)).sort()).toEqual(['events.jsonl', 'spec.json'])
    expect(steps(await studio.jobs.view(id)).length).toBeGreaterThan(4)
  })

  it('is refused for a run that has ended, or that there is not', async () => {
    const id = await studio.jobs.createAndStart(countingSpec('over', 2))
    await collect(studio.jobs.events(id, 0))
    await expect(studio.jobs.control(id, 'pause')).rejects.toMatchObject({ code: 'control-refused' })
    await expect(studio.jobs.control('nobody', 'pause')).rejects.toMatchObject({ code: 'run-missing' })
    await expect(studio.jobs.resume(id)).rejects.toMatchObject({ code: 'resume-impossible' })
  })
})

describe('the device', () => {
  it('is used by one run at a time; the second waits its turn, in the order of coming', async () => {
    const first = await studio.jobs.createAndStart(countingSpec('first', LONG))
    const second = await studio.jobs.createAndStart(countingSpec('second', 3))
    await untilStep(first, 2)
    expect((await studio.jobs.view(second)).state).toBe('queued')
    // Work that needs no device does not wait.
    expect((await studio.queue.startJob({ kind: 'sample', payload: null }).done).state).toBe('done')
    await studio.jobs.control(first, 'stop-keep')
    await collect(studio.jobs.events(second, 0))
    const startOf = async (id: string): Promise<string> => (await firstState(id, 'running')) ?? ''
    const endOf = async (id: string): Promise<string> => (await firstState(id, 'stopped')) ?? ''
    expect((await startOf(second)) >= (await endOf(first))).toBe(true)
    expect((await studio.jobs.view(second)).state).toBe('done')
  })

  it('is not waited for by a run that is stopped while it waits', async () => {
    const first = await studio.jobs.createAndStart(countingSpec('first', LONG))
    const second = await studio.jobs.createAndStart(countingSpec('second', 3))
    await studio.jobs.control(second, 'stop-keep')
    expect(statesOf(await collect(studio.jobs.events(second, 0)))).toEqual(['queued', 'stopped'])
    await studio.jobs.resume(second)
    await studio.jobs.control(first, 'stop-discard')
    await collect(studio.jobs.events(second, 0))
    expect(steps(await studio.jobs.view(second))).toEqual([1, 2, 3])
  })

  const firstState = async (id: string, state: string): Promise<string | undefined> =>
    (await waitFor(studio.jobs.events(id, 0), (event) => event.type === 'state' && event.state === state))?.time
})

describe('a worker that dies', () => {
  it('is an event that says what happened and from where to go on; resuming makes one whole curve', async () => {
    const id = await studio.jobs.createAndStart(countingSpec('kill-at-7', 10, 5))
    await collect(studio.jobs.events(id, 0))
    const { state, failure, points } = await studio.jobs.view(id)
    expect(state).toBe('interrupted')
    expect(failure).toMatchObject({ code: 'worker-killed', details: { signal: 'SIGKILL', resumeStep: 5 } })
    expect(failure?.message).toMatch(/memory ran out.*resumed from step 5/)
    expect(points.at(-1)?.step).toBe(6)
    await studio.jobs.resume(id)
    await collect(studio.jobs.events(id, 0))
    const view = await studio.jobs.view(id)
    expect(steps(view)).toEqual(upTo(10))
    expect(view.failure).toBeUndefined()
    expect(await readRunView(studio.paths.runs, id)).toEqual(view)
  })

  it('starts again from the beginning where nothing was saved', async () => {
    const id = await studio.jobs.createAndStart(countingSpec('exit-at-3', 5))
    await collect(studio.jobs.events(id, 0))
    const { failure } = await studio.jobs.view(id)
    expect(failure).toMatchObject({ details: { exitCode: 3, output: 'native library: out of luck\n', resumeStep: 0 } })
    expect(failure?.message).toContain('from the beginning')
    await studio.jobs.resume(id)
    await collect(studio.jobs.events(id, 0))
    expect(steps(await studio.jobs.view(id))).toEqual(upTo(5))
  })

  it('killed from outside, it gives the device to the next', async () => {
    const first = await studio.jobs.createAndStart(countingSpec('first', LONG))
    const second = await studio.jobs.createAndStart(countingSpec('second', 3))
    await untilStep(first, 1)
    process.kill(studio.queue.active()[0]?.pid as number, 'SIGKILL')
    await collect(studio.jobs.events(second, 0))
    expect((await studio.jobs.list()).map((run) => run.state).sort()).toEqual(['done', 'interrupted'])
  })
})

describe('the end of the app', () => {
  it('interrupts what runs and what waits, having saved', async () => {
    const first = await studio.jobs.createAndStart(countingSpec('first', LONG))
    const second = await studio.jobs.createAndStart(countingSpec('second', 3))
    await untilStep(first, 3)
    await studio.queue.shutdown(30_000)
    const [one, two] = [await studio.jobs.view(first), await studio.jobs.view(second)]
    expect(one).toMatchObject({ state: 'interrupted', failure: { code: 'app-closed' } })
    expect(one.checkpoints).toEqual([{ step: one.step, best: false }])
    expect(one.failure?.message).toContain(`from step ${one.step}`)
    expect(two).toMatchObject({ state: 'interrupted', failure: { code: 'app-closed' }, points: [] })
    expect(studio.queue.active()).toEqual([])
  })
})

describe('the folder of a run', () => {
  it('is written by one process at a time and cannot be removed meanwhile', async () => {
    const other = await openStudio(entry, studio.paths.root)
    const id = await studio.jobs.createAndStart(countingSpec('mine', LONG))
    await untilStep(id, 1)
    for (const attempt of [
      () => other.jobs.resume(id),
      () => other.jobs.control(id, 'pause'),
      () => other.jobs.remove(id),
      () => studio.jobs.resume(id),
      () => studio.jobs.remove(id),
    ]) {
      await expect(attempt()).rejects.toMatchObject({ code: 'run-locked', details: { pid: process.pid } })
    }
    const followed = collect(other.jobs.events(id, 0))
    await studio.jobs.control(id, 'stop-keep')
    expect(await followed).toEqual(await collect(studio.jobs.events(id, 0)))
    await other.jobs.remove(id)
    expect(await studio.jobs.list()).toEqual([])
    expect(await readdir(studio.paths.runs)).toEqual([])
  })

  it('survives a torn last line of its log', async () => {
    const id = await studio.jobs.createAndStart(countingSpec('kill-at-3', 5))
    await collect(studio.jobs.events(id, 0))
    const { events } = runPaths(studio.paths.runs, id)
    const before = await readRunView(studio.paths.runs, id)
    await appendFile(events, '{"seq":99,"time":"20')
    expect(await studio.jobs.view(id)).toEqual(before)
    await studio.jobs.resume(id)
    await collect(studio.jobs.events(id, 0))
    const lines = (await readFile(events, 'utf8')).trimEnd().split('\n')
    expect(lines.map((line) => (JSON.parse(line) as { seq: number }).seq)).toEqual(upTo(lines.length))
    expect(await readdir(join(studio.paths.runs, id))).not.toContain('run.lock')
  })
})
