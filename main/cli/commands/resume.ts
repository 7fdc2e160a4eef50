import { followAndSummarise } from '../follow-run'
import type { CommandSpec } from '../session'

export const resumeCommand: CommandSpec = {
  usage: 'resume <run>',
  summary: 'go on with a run from its last checkpoint',
  async run(session, [id = '']) {
    const { runs } = session.studio
    const { lastSeq } = await runs.view(id)
    await runs.resume(id)
    return followAndSummarise(session, id, lastSeq)
  },
}
