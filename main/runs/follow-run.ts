import { stat } from 'node:fs/promises'
import { setTimeout as sleep } from 'node:timers/promises'
import type { JobEvent } from '../../preload/contract'
import { runPaths } from './run-folder'
import { lockHolder } from './run-lock'
import { readRunEvents } from './run-log'
import { isActive } from './run-view'
import { settleRun } from './settle-run'

const POLL_MS = 500

/**
 * The events of a run that another process may be writing: past ones, then new ones as its log grows, until the run
 * ends. Where that process dies, the run is settled and its `interrupted` ends the walk.
 */
export async function* followRunEvents(
  runsFolder: string,
  id: string,
  after: number,
  now: () => string,
): AsyncGenerator<JobEvent, void, undefined> {
  const { events, lock } = runPaths(runsFolder, id)
  let last = after
  for (;;) {
    const size = await sizeOf(events)
    const isOver = !isActive((await settleRun(runsFolder, id, now)).state)
    for await (const event of readRunEvents(events, last)) {
      last = event.seq
      yield event
    }
    if (isOver) return
    // Measured before reading: what was written meanwhile shows as a change.
    while ((await sizeOf(events)) === size && (await lockHolder(lock))) await sleep(POLL_MS)
  }
}

async function sizeOf(path: string): Promise<number> {
  return (await stat(path).catch(() => undefined))?.size ?? 0
}
