import { beforeAll, describe, expect, it } from 'vitest'
import { HostError } from '../../../main/files'
import { createMemoryLog } from '../../../main/jobs/event-feed'
import { bundleEntry } from '../../helpers/bundle'
import { collect, openStudio, statesOf, type Studio } from './studio'

let studio: Studio
beforeAll(async () => {
  studio = await openStudio(await bundleEntry('counting-worker.ts'))
})

describe('a job in a process of its own', () => {
  it('tells every event once, in order, to who watches live and to who comes after the end', async () => {
    const job = studio.queue.startJob({ kind: 'sample', payload: new Uint8Array([1, 2]) })
    const live = await collect(job.events(0))
    expect(await job.done).toEqual({ state: 'done', result: { payload: new Uint8Array([1, 2]), isBytes: true } })
    expect(live.map((event) => event.seq)).toEqual(live.map((_, index) => index + 1))
    expect(live.filter((event) => event.type === 'token')).toHaveLength(500)
    expect(statesOf(live)).toEqual(['queued', 'running', 'done'])
    expect(await collect(job.events(0))).toEqual(live)
    expect(await collect(job.events(400))).toEqual(live.slice(400))
  })

  it('leaves no process behind and is forgotten by the queue', async () => {
    const job = studio.queue.startJob({ kind: 'sample', payload: null })
    expect(studio.queue.find(job.id)).toBe(job)
    await job.done
    expect(job.pid).toBeUndefined()
    expect(studio.queue.find(job.id)).toBeUndefined()
  })

  it('fails with a readable failure where no handler knows the kind', async () => {
    const outcome = await studio.queue.startJob({ kind: 'doctor', payload: null }).done
    expect(outcome).toMatchObject({ state: 'failed', failure: { code: 'unsupported' } })
  })

  it('reports a message that is no event, and goes on', async () => {
    const job = studio.queue.startJob({ kind: 'golden', payload: null })
    const events = await collect(job.events(0))
    expect(events.filter((event) => event.type === 'log')).toMatchObject([{ level: 'warning' }])
    expect(job.state).toBe('done')
  })

  it('is cancelled while it waits for something', async () => {
    const job = studio.queue.startJob({ kind: 'import', payload: 'patient' })
    for await (const event of job.events(0)) if (event.type === 'state' && event.state === 'running') break
    job.control('stop-keep')
    expect(await job.done).toEqual({ state: 'discarded' })
  })

  it('is killed where it does not listen', async () => {
    const job = studio.queue.startJob({ kind: 'import', payload: 'deaf' })
    for await (const event of job.events(0)) if (event.type === 'state' && event.state === 'running') break
    const { pid } = job
    job.cancel('cancelled', 50)
    expect(await job.done).toEqual({ state: 'discarded' })
    expect(() => process.kill(pid as number, 0)).toThrow('ESRCH')
  })

  it('is ended at once by who has no patience left', async () => {
    const { queue } = await openStudio(studio.entry)
    const job = queue.startJob({ kind: 'import', payload: 'deaf' })
    for await (const event of job.events(0)) if (event.type === 'state' && event.state === 'running') break
    job.cancel('cancelled', 600_000)
    await queue.shutdown(0)
    expect(job.state).toBe('interrupted')
    expect(await job.done).toMatchObject({ failure: { code: 'app-closed' } })
  })

  it('is stopped, and says why, when its events can be kept no more', async () => {
    const full = new HostError('disk-full', 'events.jsonl: expected room, got a full disk; free some space')
    let count = 0
    const flush = async (): Promise<void> => {
      if (++count > 2) throw full
    }
    const log = { ...createMemoryLog(), flush }
    const job = studio.queue.startJob({ kind: 'import', payload: 'patient', log })
    for await (const event of job.events(0)) if (event.type === 'state' && event.state === 'running') break
    job.control('stop-keep')
    expect(await job.done).toMatchObject({ state: 'failed', failure: { code: 'disk-full' } })
  })

  it('refuses an action that does not fit', async () => {
    const job = studio.queue.startJob({ kind: 'sample', payload: null })
    expect(() => job.control('pause')).toThrow(expect.objectContaining({ code: 'control-refused' }))
    await job.done
    expect(() => job.control('stop-keep')).toThrow(expect.objectContaining({ code: 'control-refused' }))
  })

  it('says so where no process can be started', async () => {
    const noEntry = await openStudio('/nowhere/worker.mjs')
    const missing = await noEntry.queue.startJob({ kind: 'sample', payload: null }).done
    expect(missing).toMatchObject({ state: 'failed', failure: { code: 'worker-start', details: { exitCode: 1 } } })
    expect(missing.failure?.details?.output).toContain('/nowhere/worker.mjs')

    const noBinary = await openStudio('worker.mjs', undefined, '/nowhere/node')
    const unstarted = await noBinary.queue.startJob({ kind: 'sample', payload: null }).done
    expect(unstarted).toMatchObject({ state: 'failed', failure: { code: 'worker-start' } })
    expect(unstarted.failure?.message).toContain('/nowhere/node')
  })
})
