import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readdir, utimes, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { beforeEach, describe, expect, it } from 'vitest'
import { lockHolder } from '../../../main/runs'
import { identify, isAlive } from '../../../main/runs/process-identity'
import { lockRun } from '../../../main/runs/run-lock'
import { newRunsFolder } from './workspace'

let folder: string
let path: string
beforeEach(async () => {
  folder = await newRunsFolder()
  path = join(folder, 'run.lock')
})

/** The number of a process that has ended. */
async function deadPid(): Promise<number> {
  const child = spawn(process.execPath, ['-e', ''])
  await once(child, 'exit')
  return child.pid as number
}

describe('the lock of a run', () => {
  it('is held by one, and free again after its release', async () => {
    const lock = await lockRun(path, 'r')
    expect((await lockHolder(path))?.pid).toBe(process.pid)
    await expect(lockRun(path, 'r')).rejects.toMatchObject({
      code: 'run-locked',
      details: { id: 'r', pid: process.pid },
    })
    await lock.release()
    expect(await lockHolder(path)).toBeUndefined()
    await (await lockRun(path, 'r')).release()
    expect(await readdir(folder)).toEqual([])
  })

  it('is given to one of many who want it at once', async () => {
    const attempts = await Promise.allSettled(Array.from({ length: 20 }, () => lockRun(path, 'r')))
    expect(attempts.filter(({ status }) => status === 'fulfilled')).toHaveLength(1)
  })

  it('is taken over from a dead process, by one of many', async () => {
    await writeFile(path, JSON.stringify({ token: 'old', owner: { pid: await deadPid() } }))
    expect(await lockHolder(path)).toBeUndefined()
    const attempts = await Promise.allSettled(Array.from({ length: 20 }, () => lockRun(path, 'r')))
    expect(attempts.filter(({ status }) => status === 'fulfilled')).toHaveLength(1)
    expect(await readdir(folder)).toEqual(['run.lock'])
  })

  it('is not kept by a later process that was given the same number', async () => {
    await writeFile(path, JSON.stringify({ token: 'old', owner: { pid: process.pid, started: 'another boot' } }))
    await (await lockRun(path, 'r')).release()
  })

  it('is kept by a living worker whose supervisor died', async () => {
    const owner = { pid: await deadPid() }
    await writeFile(path, JSON.stringify({ token: 'old', owner, worker: identify(process.pid) }))
    await expect(lockRun(path, 'r')).rejects.toMatchObject({ code: 'run-locked', details: { pid: process.pid } })
  })

  it('is respected while it is still being written, and not for ever', async () => {
    await writeFile(path, '')
    await expect(lockRun(path, 'r')).rejects.toMatchObject({ code: 'run-locked' })
    await utimes(path, 0, 0)
    await (await lockRun(path, 'r')).release()
  })

  it('is released by its holder only', async () => {
    const lock = await lockRun(path, 'r')
    const other = JSON.stringify({ token: 'other', owner: identify(process.pid) })
    await writeFile(path, other)
    await lock.release()
    expect(await readdir(folder)).toEqual(['run.lock'])
  })
})

describe('a process', () => {
  it('is told from a dead one and from its successor', async () => {
    const self = identify(process.pid)
    expect(self.started).toBeTruthy()
    expect(identify(process.pid)).toEqual(self)
    expect(isAlive(self)).toBe(true)
    expect(isAlive({ pid: process.pid })).toBe(true)
    expect(isAlive({ pid: process.pid, started: 'earlier' })).toBe(false)
    expect(isAlive({ pid: await deadPid() })).toBe(false)
  })
})
