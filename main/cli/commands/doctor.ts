import { systemInfo } from '../../service'
import { exitCodes } from '../exit'
import { resultLines } from '../result-lines'
import { finishJob, say, type CommandSpec } from '../session'

export const doctorCommand: CommandSpec = {
  usage: 'doctor',
  summary: 'say what this machine offers, as the worker process sees it',
  async run(session) {
    const { jobs, paths, version } = session.studio
    const { diskFree } = await systemInfo(paths.root, version)
    const seen = await finishJob(session, jobs.startJob({ kind: 'doctor', payload: {} }))
    const result = { version, workspace: paths.root, diskFree, ...seen }
    say(session, 'doctor', result, resultLines(result))
    return exitCodes.ok
  },
}
