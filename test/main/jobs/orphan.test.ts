import { spawn, type ChildProcess } from 'node:child_process'
import { createInterface } from 'node:readline'
import { setTimeout as sleep } from 'node:timers/promises'
import { beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { lockHolder, listCheckpoints, runPaths } from '../../../main/runs'
import { bundleEntry } from '../../helpers/bundle'
import { collect, countingSpec, openStudio, type Studio } from './studio'

interface Report {
  readonly id: string
  readonly step: number
  readonly pid: number
}

let worker: string
let parent: string
let studio: Studio
beforeAll(async () => {
  worker = await bundleEntry('counting-worker.ts')
  parent = await bundleEntry('supervising-parent.ts')
})
beforeEach(async () => {
  studio = await openStudio(worker)
})

/** Starts an app of its own with a long run, and waits until it has made some steps. */
async function startApp(steps: number): Promise<{ app: ChildProcess; report: Report }> {
  const spec = JSON.stringify(countingSpec('orphan', steps))
  const app = spawn(process.execPath, [parent, worker, studio.paths.root, spec], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  for await (const line of createInterface({ input: app.stdout })) {
    const report = JSON.parse(line) as Report
    if (report.step >= 5) return { app, report }
  }
  throw new Error('the app ended early')
}

function isRunning(pid: number): boolean {
  try {
    return process.kill(pid, 0)
  } catch {
    return false
  }
}

describe('an app that is killed', () => {
  it('leaves no worker behind, loses no saved step, and the run is resumed by the next app', async () => {
    const { app, report } = await startApp(400)
    app.kill('SIGKILL')
    while (isRunning(report.pid)) await sleep(20)
    const { id } = report
    const saved = (await listCheckpoints(runPaths(studio.paths.runs, id).checkpoints)).at(-1)?.step ?? 0
    expect(saved).toBeGreaterThanOrEqual(report.step)

    const [summary] = await studio.jobs.list()
    expect(summary?.state).toBe('interrupted')
    const view = await studio.jobs.view(id)
    expect(view.failure).toMatchObject({ code: 'app-closed', details: { resumeStep: saved } })
    expect(view.checkpoints).toEqual([{ step: saved, best: false }])
    // Marked once: looking again writes nothing.
    await studio.jobs.list()
    expect((await studio.jobs.view(id)).lastSeq).toBe(view.lastSeq)

    await studio.jobs.resume(id)
    await collect(studio.jobs.events(id, view.lastSeq))
    const done = await studio.jobs.view(id)
    expect(done).toMatchObject({ state: 'done', step: 400 })
    const steps = done.points.map((point) => point.step)
    expect(steps).toEqual([...new Set(steps)].sort((a, b) => a - b))
    expect(steps.slice(steps.indexOf(saved + 1))).toEqual(Array.from({ length: 400 - saved }, (_, i) => saved + 1 + i))
  })

  it('does not lose its lock while its worker still saves', async () => {
    const { app, report } = await startApp(100_000)
    process.kill(report.pid, 'SIGSTOP')
    app.kill('SIGKILL')
    await new Promise((resolve) => app.once('exit', resolve))
    const { lock } = runPaths(studio.paths.runs, report.id)
    expect((await lockHolder(lock))?.pid).toBe(report.pid)
    await expect(studio.jobs.resume(report.id)).rejects.toMatchObject({ code: 'run-locked' })
    expect((await studio.jobs.view(report.id)).state).toBe('running')
    process.kill(report.pid, 'SIGCONT')
    while (isRunning(report.pid)) await sleep(20)
    expect((await studio.jobs.view(report.id)).state).toBe('interrupted')
  })
})
