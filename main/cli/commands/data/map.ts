import { mapDataset } from '../../../datasets'
import { CliError, exitCodes, usageError } from '../../exit'
import { say, type CommandSpec } from '../../session'
import { describeMapping, parseDataRequest } from '../../spec/data-options'
import { addMappingOptions } from '../../spec/run-options'
import { findDataset } from './find-dataset'

export const mapCommand: CommandSpec = {
  usage: 'map <dataset>',
  summary: 'say what the columns of a dataset are, or say it anew',
  configure: (command) =>
    addMappingOptions(command).option('--map <suggested>', 'take the columns that the file itself suggests'),
  async run(session, [id = ''], options) {
    const { mapping: asked } = parseDataRequest(options)
    if (!asked) throw usageError('map: expected --input and --answer, or --map suggested, got none; name the columns')
    const known = await findDataset(session, id)
    const mapping = asked === 'suggested' ? known.suggestedMapping : asked
    if (!mapping) {
      const message = `dataset "${id}": expected columns whose names say what they are, got ${known.columns.join(', ')}; name them with --input and --answer`
      throw new CliError({ code: 'dataset-unmapped', message })
    }
    const dataset = await mapDataset(session.studio.paths.datasets, id, mapping)
    const { rows, problems } = dataset
    say(session, 'dataset', { dataset }, [
      `dataset ${id}: ${describeMapping(mapping)}`,
      `${rows} rows, ${problems} that cannot be used`,
    ])
    return exitCodes.ok
  },
}
