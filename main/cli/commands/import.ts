import type { Dataset } from '../../../preload/contract'
import { parseMapping } from '../build-run-spec'
import { exitCodes } from '../exit'
import { importPath } from '../find-or-import'
import { addMappingOptions } from '../run-options'
import { say, type CommandSpec } from '../session'

function lines({ id, rows, form, problems, labels }: Dataset): string[] {
  return [
    `dataset ${id}: ${rows} rows, ${form}`,
    ...(problems > 0 ? [`${problems} rows cannot be used; graft studio lists them with line and reason`] : []),
    ...(labels ? [`labels: ${labels.join(', ')}`] : []),
    `train on it with: graft train --data ${id}`,
  ]
}

export const importCommand: CommandSpec = {
  usage: 'import <file>',
  summary: 'import a JSONL, JSON or CSV file as a dataset',
  configure: (command) => addMappingOptions(command),
  async run(session, [file = ''], options) {
    const dataset = await importPath(session, file, parseMapping(options))
    say(session, 'dataset', { dataset }, lines(dataset))
    return exitCodes.ok
  },
}
