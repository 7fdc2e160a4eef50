import { removeDataset } from '../../datasets'
import { exitCodes } from '../exit'
import { say, type CommandSpec } from '../session'
import { findDataset } from './data/find-dataset'

export const deleteCommand: CommandSpec = {
  usage: 'delete <ids...>',
  summary: 'delete runs with all their files, or datasets',
  configure: (command) => command.option('--dataset', 'the ids are of datasets'),
  async run(session, ids, options) {
    const { runs, paths } = session.studio
    const isDataset = options['dataset'] === true
    for (const id of ids) {
      if (isDataset) await findDataset(session, id)
      await (isDataset ? removeDataset(paths.datasets, id) : runs.remove(id))
      say(session, 'deleted', { id }, [`deleted ${isDataset ? 'dataset' : 'run'} ${id}`])
    }
    return exitCodes.ok
  },
}
