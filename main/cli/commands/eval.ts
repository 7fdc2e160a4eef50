import { resolve } from 'node:path'
import { readAdapterMethod } from '../../models'
import { exitCodes, usageError } from '../exit'
import { resultLines } from '../result-lines'
import { finishJob, say, type CommandSpec } from '../session'

export const evalCommand: CommandSpec = {
  usage: 'eval <run>',
  summary: 'measure a run, or an adapter in its place, on its held-out rows',
  configure: (command) =>
    command
      .option('--rows <n>', 'held-out rows that the metric is taken on (otherwise as many as the run says)')
      .option('--adapter <folder>', 'an adapter by PEFT, AdapterHub or Graft, in place of what the run has learned'),
  async run(session, [runId = ''], { rows, adapter }) {
    const count = rows === undefined ? undefined : Number(rows)
    if (count !== undefined && !(Number.isInteger(count) && count > 0))
      throw usageError(`--rows: expected a whole number from 1, got "${String(rows)}"; for example --rows 200`)
    // Asked first, so that an unknown run is a clear message and not a worker's.
    await session.studio.runs.view(runId)
    const folder = typeof adapter === 'string' ? { adapter: resolve(adapter) } : {}
    if (folder.adapter !== undefined) await readAdapterMethod(folder.adapter)
    const job = session.studio.jobs.startJob({
      kind: 'evaluate',
      payload: { runId, ...(count !== undefined && { rows: count }), ...folder },
    })
    const result = await finishJob(session, job)
    say(session, 'evaluation', result, resultLines(result))
    return exitCodes.ok
  },
}
