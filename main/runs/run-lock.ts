import { randomUUID } from 'node:crypto'
import { readFile, rename, rm, stat, writeFile } from 'node:fs/promises'
import { z } from 'zod'
import { HostError, writeFileAtomic } from '../files'
import { identify, isAlive, type ProcessIdentity } from './process-identity'

const identitySchema = z.object({ pid: z.number().int(), started: z.string().optional() })
const lockSchema = z.object({
  token: z.string(),
  /** Appends to the event log. */
  owner: identitySchema,
  /** Writes checkpoints, for a while even after the owner died: the lock holds as long as either lives. */
  worker: identitySchema.optional(),
})
type LockRecord = z.infer<typeof lockSchema>

/** The right to write in one run's folder. */
export interface RunLock {
  /** Has the lock outlive this process for as long as the worker of this number lives. */
  noteWorker(pid: number): Promise<void>
  release(): Promise<void>
}

/** A lock file is created and filled in two steps; an unreadable one is given so long to become readable. */
const UNREADABLE_FOR_MS = 5000

/**
 * @param path the lock file
 * @throws HostError `run-locked` where a living process holds it. A dead one's lock is taken over.
 */
export async function lockRun(path: string, id: string): Promise<RunLock> {
  const record: LockRecord = { token: randomUUID(), owner: identify(process.pid) }
  // Twice: a dead holder's lock is cleared away in between. A third time would mean a living rival.
  if (!(await tryCreate(path, record)) && !((await clearStale(path)) && (await tryCreate(path, record)))) {
    throw runLocked(id, await lockHolder(path))
  }
  return {
    noteWorker: (pid) => writeFileAtomic(path, JSON.stringify({ ...record, worker: identify(pid) })),
    async release() {
      if ((await readLock(path))?.token === record.token) await rm(path, { force: true })
    },
  }
}

/** The living process that writes this run, or undefined where nobody does. */
export async function lockHolder(path: string): Promise<ProcessIdentity | undefined> {
  const record = await readLock(path)
  return record && holders(record).find(isAlive)
}

/** @param holder who writes it, where that is known */
export function runLocked(id: string, holder: ProcessIdentity | undefined): HostError {
  const who = holder ? `process ${holder.pid}` : 'another process'
  return new HostError(
    'run-locked',
    `run "${id}": expected to be its only writer, but ${who} is at work on it; ` +
      'use the window or terminal that started it, or wait until it ends',
    { id, ...(holder && { pid: holder.pid }) },
  )
}

const holders = ({ owner, worker }: LockRecord): readonly ProcessIdentity[] => (worker ? [owner, worker] : [owner])

async function tryCreate(path: string, record: LockRecord): Promise<boolean> {
  try {
    await writeFile(path, JSON.stringify(record), { flag: 'wx' })
    return true
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'EEXIST') return false
    throw error
  }
}

/** Moves a dead holder's lock away. False: somebody living holds it. */
async function clearStale(path: string): Promise<boolean> {
  const record = await readLock(path)
  if (record ? holders(record).some(isAlive) : await isFresh(path)) return false
  const aside = `${path}.${randomUUID()}`
  await rename(path, aside).catch(() => undefined)
  const moved = await readLock(aside)
  if (moved && moved.token !== record?.token) {
    // Between reading and moving, a rival took the stale lock over: give it back its own.
    await rename(aside, path)
    return false
  }
  await rm(aside, { force: true })
  return true
}

async function isFresh(path: string): Promise<boolean> {
  const found = await stat(path).catch(() => undefined)
  return found !== undefined && Date.now() - found.mtimeMs < UNREADABLE_FOR_MS
}

async function readLock(path: string): Promise<LockRecord | undefined> {
  try {
    return lockSchema.parse(JSON.parse(await readFile(path, 'utf8')))
  } catch {
    return undefined
  }
}
