import type { RunSummary } from '../../../preload/contract'
import { exitCodes } from '../exit'
import { table } from '../format'
import type { CommandSpec } from '../session'

const number = (value: number | undefined): string => value?.toFixed(4) ?? ''

function row(run: RunSummary): string[] {
  const state = run.broken ? `broken: ${run.broken.message}` : run.state
  const steps = `${run.step}${run.steps === undefined ? '' : `/${run.steps}`}`
  return [run.id, run.method, steps, number(run.lastLoss), number(run.bestLoss), state]
}

export const runsCommand: CommandSpec = {
  usage: 'runs',
  summary: 'list the runs of the workspace',
  async run({ studio, terminal, json }) {
    const runs = await studio.runs.list()
    if (json) for (const run of runs) terminal.out(JSON.stringify(run))
    else if (runs.length === 0) terminal.err('no runs yet; start one with: graft train --data FILE')
    else
      for (const line of table([['run', 'method', 'step', 'loss', 'best', 'state'], ...runs.map(row)]))
        terminal.out(line)
    return exitCodes.ok
  },
}
