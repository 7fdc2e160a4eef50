import { spawn } from 'node:child_process'
import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { setImmediate as nextTurn, setTimeout as sleep } from 'node:timers/promises'
import { lockHolder, runPaths } from '../../../../../main/runs'
import type { JobEvent } from '../../../../../preload/contract'
import type { TinyStudio } from '../tiny-studio'

/** What happens to a run at work. The first two meet the job in this process, the others a command line of its own. */
export const blows = ['kill the worker', 'stop', 'kill the parent', 'Ctrl-C'] as const
export type Blow = (typeof blows)[number]

/** When: after so many events of a type, or as soon as a checkpoint is being written; then so many milliseconds later. */
export interface Moment {
  readonly blow: Blow
  readonly type: JobEvent['type'] | 'writing'
  readonly nth: number
  readonly delay: number
}

/** A run at work, and how it is hit. */
interface AtWork {
  readonly events: AsyncIterable<JobEvent>
  hit(): unknown
}

async function inThisProcess({ jobs, queue }: TinyStudio, id: string, blow: Blow): Promise<AtWork> {
  const { lastSeq } = await jobs.view(id)
  await jobs.resume(id)
  const kill = (): void => {
    const pid = queue.active()[0]?.pid
    if (pid !== undefined) process.kill(pid, 'SIGKILL')
  }
  // A run that is ending takes no control any more.
  const stop = (): Promise<void> => jobs.control(id, 'stop-keep').catch(() => undefined)
  return { events: jobs.events(id, lastSeq), hit: blow === 'stop' ? stop : kill }
}

async function* linesOf(stream: NodeJS.ReadableStream): AsyncGenerator<JobEvent> {
  for await (const line of createInterface(stream)) yield JSON.parse(line) as JobEvent
}

function onTheCommandLine({ install, paths }: TinyStudio, id: string, blow: Blow): AtWork {
  const args = [install.cli, 'resume', id, '--json', '--workspace', paths.root]
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'ignore'] })
  return { events: linesOf(child.stdout), hit: () => child.kill(blow === 'Ctrl-C' ? 'SIGINT' : 'SIGKILL') }
}

function isWritingCheckpoint(checkpoints: string): boolean {
  const inside = (folder: string): string[] => {
    try {
      return readdirSync(folder)
    } catch {
      return []
    }
  }
  return inside(checkpoints).some((name) => !inside(join(checkpoints, name)).includes('manifest.json'))
}

/** Hits as soon as a checkpoint folder is there that is not complete. */
async function hitWhileWriting(checkpoints: string, hit: () => unknown, isOver: () => boolean): Promise<void> {
  while (!isOver()) {
    if (isWritingCheckpoint(checkpoints)) return void hit()
    await nextTurn()
  }
}

/** Goes on with a run until the moment comes, or until it ends; resolves when nobody works on it any more. */
export async function goOnUntil(studio: TinyStudio, id: string, moment: Moment): Promise<void> {
  const { blow, type, nth, delay } = moment
  const paths = runPaths(studio.paths.runs, id)
  const isOutside = blow === 'kill the parent' || blow === 'Ctrl-C'
  const work = isOutside ? onTheCommandLine(studio, id, blow) : await inThisProcess(studio, id, blow)
  let [seen, isOver] = [0, false]
  const blowing = type === 'writing' ? hitWhileWriting(paths.checkpoints, work.hit, () => isOver) : undefined
  for await (const event of work.events) {
    if (event.type === type && ++seen === nth) void sleep(delay).then(work.hit)
  }
  isOver = true
  await blowing
  // A worker that lost its parent goes on to the end of its step.
  while (await lockHolder(paths.lock)) await sleep(5)
}
