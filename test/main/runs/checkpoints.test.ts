import { mkdir, readdir, rm, truncate, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { beforeEach, describe, expect, it } from 'vitest'
import {
  beginCheckpoint,
  bestCheckpoint,
  completeCheckpoint,
  latestCheckpoint,
  listCheckpoints,
  pruneCheckpoints,
} from '../../../main/runs'
import { newRunsFolder } from './workspace'

let checkpoints: string
beforeEach(async () => {
  checkpoints = join(await newRunsFolder(), 'checkpoints')
})

async function save(step: number, best = false): Promise<string> {
  const folder = await beginCheckpoint(checkpoints, step)
  await writeFile(join(folder, 'adapter.bin'), `weights of ${step}`)
  return (await completeCheckpoint(folder, step, best)).folder
}
const stepsLeft = async (): Promise<number[]> => (await listCheckpoints(checkpoints)).map(({ step }) => step)

describe('checkpoints', () => {
  it('are none where none was ever begun', async () => {
    expect(await listCheckpoints(checkpoints)).toEqual([])
    expect(await latestCheckpoint(checkpoints)).toBeUndefined()
    expect(await pruneCheckpoints(checkpoints)).toEqual([])
  })

  it('are listed by step as numbers, whatever else lies there', async () => {
    for (const step of [100, 20, 3]) await save(step, step === 20)
    await mkdir(join(checkpoints, 'notes'))
    expect(await stepsLeft()).toEqual([3, 20, 100])
    expect(await latestCheckpoint(checkpoints)).toEqual({ step: 100, best: false, folder: join(checkpoints, '100') })
    expect((await bestCheckpoint(checkpoints))?.step).toBe(20)
  })

  it('count only when complete: with their manifest, and every file whole', async () => {
    await save(1)
    await writeFile(join(await beginCheckpoint(checkpoints, 2), 'adapter.bin'), 'half')
    await truncate(join(await save(3), 'adapter.bin'), 2)
    await rm(join(await save(4), 'adapter.bin'))
    await writeFile(join(await save(5), 'manifest.json'), '{"version":1,"st')
    expect(await stepsLeft()).toEqual([1])
  })

  it('are replaced by a second one of the same step, without leftovers', async () => {
    await writeFile(join(await save(7), 'old.bin'), 'x')
    await save(7, true)
    expect((await readdir(join(checkpoints, '7'))).sort()).toEqual(['adapter.bin', 'manifest.json'])
    expect(await listCheckpoints(checkpoints)).toMatchObject([{ step: 7, best: true }])
  })

  it('are pruned to the last two and the newest best', async () => {
    for (const step of [10, 20, 30, 40, 50]) await save(step, step === 10 || step === 20)
    await beginCheckpoint(checkpoints, 45)
    await mkdir(join(checkpoints, 'notes'))
    const kept = await pruneCheckpoints(checkpoints)
    expect(kept.map(({ step }) => step)).toEqual([20, 40, 50])
    expect((await readdir(checkpoints)).sort()).toEqual(['20', '40', '50', 'notes'])
    expect(await pruneCheckpoints(checkpoints, 1)).toMatchObject([{ step: 20 }, { step: 50 }])
  })
})
