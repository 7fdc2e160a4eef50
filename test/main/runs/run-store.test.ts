import { appendFile, mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import fc from 'fast-check'
import { beforeEach, describe, expect, it } from 'vitest'
import {
  createRun,
  listRuns,
  openRun,
  readRun,
  readRunView,
  removeRun,
  runPaths,
  type SummaryCache,
} from '../../../main/runs'
import { newRunId } from '../../../main/runs/run-folder'
import { runSpecSchema, type JobEventBody } from '../../../preload/contract'
import { eventOf, newRunsFolder, runWith, someSpec, stepBody, TIME } from './workspace'

let runs: string
beforeEach(async () => {
  runs = await newRunsFolder()
})

const done: JobEventBody = { type: 'state', state: 'done' }

describe('a run’s id', () => {
  it.each([
    ['Pirate LoRA', '20260304-050607-pirate-lora-k3f9'],
    ['  ../../etc/passwd ', '20260304-050607-etc-passwd-k3f9'],
    ['海盗 问答', '20260304-050607-海盗-问答-k3f9'],
    ['?!', '20260304-050607-run-k3f9'],
    ['', '20260304-050607-run-k3f9'],
  ])('for the name %j is %s', (name, id) => {
    expect(newRunId(name, TIME, 'k3f9')).toBe(id)
  })

  it('is a valid folder name for any name', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme', maxLength: 120 }), (name) => {
        const id = newRunId(name, TIME, 'k3f9')
        expect(runPaths('/runs', id).root).toBe(join('/runs', id))
        expect([...id].length).toBeLessThan(70)
      }),
    )
  })

  it.each(['', '.', '..', '../x', 'a/b', 'a\\b', 'C:x', '.hidden', 'a\0'])('cannot be %j', (id) => {
    expect(() => runPaths('/runs', id)).toThrow(expect.objectContaining({ code: 'run-missing' }))
  })
})

describe('a run folder', () => {
  it('appears whole, and its spec can be given to another run as it is', async () => {
    const run = await createRun(runs, { spec: someSpec(), createdAt: TIME, suffix: 'k3f9' })
    expect(await readRun(runs, run.id)).toEqual(run)
    expect(await readdir(runs)).toEqual([run.id])
    expect(runSpecSchema.parse(JSON.parse(await readFile(runPaths(runs, run.id).spec, 'utf8')))).toEqual(run.spec)
  })

  it('is not created over another', async () => {
    const twin = { spec: someSpec(), createdAt: TIME, suffix: 'same' }
    const { id } = await createRun(runs, twin)
    await expect(createRun(runs, twin)).rejects.toMatchObject({ code: 'run-exists' })
    expect(await readdir(runs)).toEqual([id])
  })

  it('is opened with the view of its log, and goes on with the numbers', async () => {
    const id = await runWith(runs, 'aaaa', [stepBody(1), stepBody(2)])
    const run = await openRun(runs, id)
    expect(run.view).toMatchObject({ lastSeq: 2, step: 2 })
    expect(run.log.lastSeq).toBe(2)
    run.log.append(eventOf(3, stepBody(3)))
    await run.log.flush()
    const seqs: number[] = []
    for await (const event of run.log.read(1)) seqs.push(event.seq)
    expect(seqs).toEqual([2, 3])
    await run.close()
  })

  it('is not there, or broken, by name', async () => {
    await expect(readRun(runs, 'nobody')).rejects.toMatchObject({ code: 'run-missing' })
    await mkdir(join(runs, 'empty'))
    await expect(openRun(runs, 'empty')).rejects.toMatchObject({ code: 'run-spec-invalid' })
  })

  it('is removed whole', async () => {
    const id = await runWith(runs, 'aaaa', [done])
    await removeRun(runs, id)
    expect(await readdir(runs)).toEqual([])
    await expect(removeRun(runs, id)).rejects.toMatchObject({ code: 'run-missing' })
  })
})

describe('a log with unreadable lines', () => {
  it('is read around them, and says so', async () => {
    const id = await runWith(runs, 'aaaa', [stepBody(1)])
    const { events } = runPaths(runs, id)
    await appendFile(events, 'not json\n{"seq":2,"time":"","type":"step"}\n')
    await appendFile(events, `${JSON.stringify(eventOf(3, stepBody(2)))}\n{"seq":4,"ti`)
    const view = await readRunView(runs, id)
    expect(view.points.map((point) => point.step)).toEqual([1, 2])
    expect(view.lastSeq).toBe(3)
    expect(view.logs).toMatchObject([{ level: 'warning', text: expect.stringMatching(/2 unreadable.*line 2.*line 3/) }])
  })
})

describe('the list of runs', () => {
  it('shows the newest first, and the broken ones with their reason', async () => {
    await createRun(runs, { spec: someSpec('old'), createdAt: '2025-01-01T00:00:00.000Z', suffix: 'aaaa' })
    const good = await runWith(runs, 'bbbb', [stepBody(1, 2), done])
    const torn = await createRun(runs, { spec: someSpec('torn'), createdAt: TIME, suffix: 'cccc' })
    await writeFile(runPaths(runs, torn.id).spec, '{"version":')
    await mkdir(join(runs, 'stray'))
    await mkdir(join(runs, '.new-unfinished'))
    await writeFile(join(runs, 'note.txt'), 'hello')
    const list = await listRuns(runs)
    expect(list.map(({ name }) => name)).toEqual(['Pirate LoRA', 'old', 'stray', torn.id])
    expect(list[0]).toMatchObject({ id: good, state: 'done', lastLoss: 2 })
    expect(list.map(({ broken }) => broken?.code)).toEqual([
      undefined,
      undefined,
      'run-spec-invalid',
      'run-spec-invalid',
    ])
  })

  it('reads only what changed', async () => {
    const id = await runWith(runs, 'aaaa', [stepBody(1)])
    const cache: SummaryCache = new Map()
    const [first] = await listRuns(runs, { cache })
    expect((await listRuns(runs, { cache }))[0]).toBe(first)
    await appendFile(runPaths(runs, id).events, `${JSON.stringify(eventOf(2, stepBody(2)))}\n`)
    expect((await listRuns(runs, { cache }))[0]).toMatchObject({ step: 2 })
    const known = { ...first, step: 99 } as typeof first
    expect((await listRuns(runs, { cache, known: () => known }))[0]).toBe(known)
  })

  it('is empty where there is no folder yet', async () => {
    await rm(runs, { recursive: true })
    expect(await listRuns(runs)).toEqual([])
  })
})
