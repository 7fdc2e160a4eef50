import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { beforeEach, describe, expect, it } from 'vitest'
import { beginCheckpoint, completeCheckpoint, followRunEvents, openRun, runPaths, settleRun } from '../../../main/runs'
import type { JobEvent, JobState } from '../../../preload/contract'
import { eventOf, newRunsFolder, now, runWith, stepBody } from './workspace'

let runs: string
beforeEach(async () => {
  runs = await newRunsFolder()
})

describe('a run that was left behind', () => {
  it.each<JobState>(['queued', 'running', 'pausing', 'paused', 'stopping'])(
    'in state %s is marked once',
    async (state) => {
      const id = await runWith(runs, 'aaaa', [{ type: 'state', state }])
      const view = await settleRun(runs, id, now)
      expect(view).toMatchObject({ state: 'interrupted', failure: { code: 'app-closed' }, lastSeq: 2 })
      expect(view.failure?.message).toContain('from the beginning')
      expect(await settleRun(runs, id, now)).toEqual(view)
      expect((await readFile(runPaths(runs, id).events, 'utf8')).trimEnd().split('\n')).toHaveLength(2)
    },
  )

  it.each<JobState>(['done', 'stopped', 'discarded', 'failed', 'interrupted'])(
    'in state %s stays so',
    async (state) => {
      const id = await runWith(runs, 'aaaa', [{ type: 'state', state }])
      expect(await settleRun(runs, id, now)).toMatchObject({ state, lastSeq: 1 })
    },
  )

  it('learns of the checkpoints that nobody was left to log', async () => {
    const id = await runWith(runs, 'aaaa', [{ type: 'state', state: 'running' }, stepBody(6)])
    const folder = await beginCheckpoint(runPaths(runs, id).checkpoints, 6)
    await writeFile(join(folder, 'weights'), 'x')
    await completeCheckpoint(folder, 6, true)
    const view = await settleRun(runs, id, now)
    expect(view.checkpoints).toEqual([{ step: 6, best: true }])
    expect(view.failure).toMatchObject({ details: { resumeStep: 6 } })
  })

  it('is left alone while somebody holds its lock', async () => {
    const id = await runWith(runs, 'aaaa', [{ type: 'state', state: 'running' }])
    const run = await openRun(runs, id)
    expect(await settleRun(runs, id, now)).toMatchObject({ state: 'running', lastSeq: 1 })
    await run.close()
    expect(await settleRun(runs, id, now)).toMatchObject({ state: 'interrupted' })
  })

  it('is marked by one of many that look at once', async () => {
    const id = await runWith(runs, 'aaaa', [{ type: 'state', state: 'running' }])
    await Promise.all(Array.from({ length: 8 }, () => settleRun(runs, id, now)))
    expect(await settleRun(runs, id, now)).toMatchObject({ state: 'interrupted', lastSeq: 2 })
  })
})

describe('following a run from outside', () => {
  it('tells what was, what comes, and the end that its writer did not live to write', async () => {
    const id = await runWith(runs, 'aaaa', [{ type: 'state', state: 'running' }, stepBody(1)])
    const run = await openRun(runs, id)
    const told: JobEvent[] = []
    const walk = (async () => {
      for await (const event of followRunEvents(runs, id, 1, now)) {
        told.push(event)
        if (event.seq === 2) {
          run.log.append(eventOf(3, stepBody(2)))
          await run.log.flush()
        }
        if (event.seq === 3) await run.close()
      }
    })()
    await walk
    expect(told.map((event) => event.seq)).toEqual([2, 3, 4])
    expect(told.at(-1)).toMatchObject({ type: 'state', state: 'interrupted' })
  })
})
