import { mkdir, readdir, readFile, rename, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { z } from 'zod'
import { runSpecSchema, type RunSpec, type RunSummary, type RunView } from '../../preload/contract'
import { HostError, toFailure, writeFileAtomic } from '../files'
import { newRunId, runMissing, runPaths, type RunPaths } from './run-folder'
import { lockRun, type RunLock } from './run-lock'
import { openRunLog, readRunEvents, type RunLog } from './run-log'
import { initialRunView, reduceRun, summariseRun, type RunIdentity } from './run-view'

/** The spec as it was given, and beside it when: so the file can be handed back to `create` as it is. */
const storedSpecSchema = z.object({ createdAt: z.string() }).and(runSpecSchema)

/** A run that this process alone may write. */
export interface OpenRun {
  readonly paths: RunPaths
  /** As its log says; the opener goes on from here with `reduceRun`. */
  readonly view: RunView
  readonly log: RunLog
  readonly lock: RunLock
  /** Closes the log and lets others write. */
  close(): Promise<void>
}

export interface NewRun {
  readonly spec: RunSpec
  /** ISO 8601 */
  readonly createdAt: string
  /** Four characters that tell apart two runs of one name and second. */
  readonly suffix: string
  /** Puts more into the folder before it becomes a run. */
  readonly fill?: (paths: RunPaths) => Promise<void>
}

/** Creates the run's folder, whole or not at all. @throws HostError `run-exists` */
export async function createRun(runsFolder: string, { spec, createdAt, suffix, fill }: NewRun): Promise<RunIdentity> {
  const id = newRunId(spec.name, createdAt, suffix)
  const unfinished = runPaths(runsFolder, id, `.new-${id}`)
  const { root } = runPaths(runsFolder, id)
  try {
    await mkdir(unfinished.root, { recursive: true })
    await writeFileAtomic(unfinished.spec, JSON.stringify({ ...spec, createdAt }, undefined, 2))
    await fill?.(unfinished)
    await rename(unfinished.root, root)
  } catch (error) {
    await rm(unfinished.root, { recursive: true, force: true })
    throw (await isFolder(root)) ? runExists(id) : error
  }
  return { id, createdAt, spec }
}

/** @throws HostError `run-missing`, `run-spec-invalid` */
export async function readRun(runsFolder: string, id: string): Promise<RunIdentity> {
  const { root, spec: path } = runPaths(runsFolder, id)
  const text = await readFile(path, 'utf8').catch(() => undefined)
  if (text === undefined) throw (await isFolder(root)) ? specInvalid(path, 'no such file') : runMissing(id)
  try {
    const { createdAt, ...spec } = storedSpecSchema.parse(JSON.parse(text))
    return { id, createdAt, spec }
  } catch (error) {
    throw specInvalid(path, toFailure(error).message)
  }
}

/** The view of a run from its files. Unreadable lines of its log are named in the view's own log. */
export async function readRunView(runsFolder: string, id: string): Promise<RunView> {
  const identity = await readRun(runsFolder, id)
  const problems: string[] = []
  const note = (line: number, reason: string): void => void problems.push(`line ${line}: ${reason}`)
  let view = initialRunView(identity)
  for await (const event of readRunEvents(runPaths(runsFolder, id).events, 0, note)) view = reduceRun(view, event)
  if (problems.length === 0) return view
  const text = `events.jsonl: ${problems.length} unreadable lines were passed over (${problems.slice(0, 3).join('; ')})`
  return { ...view, logs: [...view.logs, { time: identity.createdAt, level: 'warning', text }] }
}

/**
 * Opens a run for writing.
 * @throws HostError `run-missing`, `run-spec-invalid`, `run-locked`
 */
export async function openRun(runsFolder: string, id: string): Promise<OpenRun> {
  const paths = runPaths(runsFolder, id)
  await readRun(runsFolder, id)
  const lock = await lockRun(paths.lock, id)
  try {
    // Read only now: until the lock was ours, another might have been writing.
    const view = await readRunView(runsFolder, id)
    const log = await openRunLog(paths.events, view.lastSeq)
    const close = (): Promise<void> => log.close().finally(() => lock.release())
    return { paths, view, log, lock, close }
  } catch (error) {
    await lock.release()
    throw error
  }
}

/** What `listRuns` found before, to read only what changed. */
export type SummaryCache = Map<string, { readonly version: string; readonly summary: RunSummary }>

export interface ListOptions {
  readonly cache?: SummaryCache
  /** Summaries at hand, of runs that this process is writing: their logs are long and change all the time. */
  readonly known?: (id: string) => RunSummary | undefined
}

/** All runs, the newest first. One that cannot be read is in the list too, with the reason in `broken`. */
export async function listRuns(runsFolder: string, options: ListOptions = {}): Promise<readonly RunSummary[]> {
  const { cache = new Map(), known = () => undefined } = options
  const entries = await readdir(runsFolder, { withFileTypes: true }).catch(() => [])
  const ids = entries.filter((entry) => entry.isDirectory() && !entry.name.startsWith('.')).map((entry) => entry.name)
  const summaries: RunSummary[] = []
  for (const id of ids) summaries.push(known(id) ?? (await cachedSummary(runsFolder, id, cache)))
  return summaries.sort((a, b) => compare(b.createdAt, a.createdAt) || compare(b.id, a.id))
}

/** Removes a run and all that it made. @throws HostError `run-missing`, `run-locked` */
export async function removeRun(runsFolder: string, id: string): Promise<void> {
  const { root, lock } = runPaths(runsFolder, id)
  if (!(await isFolder(root))) throw runMissing(id)
  const held = await lockRun(lock, id)
  // Renamed first: from one moment to the next it is no run any more, however long the removal takes.
  const doomed = join(runsFolder, `.removed-${id}`)
  await rename(root, doomed).catch(async (error: unknown) => {
    await held.release()
    throw error
  })
  await rm(doomed, { recursive: true, force: true })
}

async function cachedSummary(runsFolder: string, id: string, cache: SummaryCache): Promise<RunSummary> {
  const { spec, events } = runPaths(runsFolder, id)
  const version = `${await versionOf(spec)} ${await versionOf(events)}`
  const cached = cache.get(id)
  if (cached?.version === version) return cached.summary
  const summary = await readRunView(runsFolder, id).then(summariseRun, (error: unknown) => brokenSummary(id, error))
  cache.set(id, { version, summary })
  return summary
}

function brokenSummary(id: string, error: unknown): RunSummary {
  return { id, name: id, createdAt: '', state: 'failed', method: '', step: 0, broken: toFailure(error, `run "${id}"`) }
}

function runExists(id: string): HostError {
  return new HostError('run-exists', `run "${id}": expected a new id, got one in use; try again`, { id })
}

function specInvalid(path: string, reason: string): HostError {
  return new HostError(
    'run-spec-invalid',
    `${path}: expected the description of a run, got something else (${reason}); restore the file or remove the run`,
    { path },
  )
}

const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0)

async function isFolder(path: string): Promise<boolean> {
  return (await stat(path).catch(() => undefined))?.isDirectory() ?? false
}

async function versionOf(path: string): Promise<string> {
  const found = await stat(path).catch(() => undefined)
  return found ? `${found.size}:${found.mtimeMs}` : 'none'
}
