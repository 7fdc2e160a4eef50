import { exitCodes } from '../exit'
import { resultLines } from '../result-lines'
import { finishJob, say, type CommandSpec } from '../session'

export const evalCommand: CommandSpec = {
  usage: 'eval <run>',
  summary: 'measure a run on its held-out rows',
  async run(session, [runId = '']) {
    // Asked first, so that an unknown run is a clear message and not a worker's.
    await session.studio.runs.view(runId)
    const job = session.studio.jobs.startJob({ kind: 'evaluate', payload: { runId } })
    const result = await finishJob(session, job)
    say(session, 'evaluation', result, resultLines(result))
    return exitCodes.ok
  },
}
