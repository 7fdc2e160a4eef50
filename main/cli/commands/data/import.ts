import type { Dataset } from '../../../../preload/contract'
import { addDataOptions, parseDataRequest } from '../../spec/data-options'
import { exitCodes } from '../../exit'
import { formatList } from '../../format'
import { importPath } from '../../find-or-import'
import { say, type CommandSpec } from '../../session'

const rowCount = (count: number): string => (count === 1 ? '1 row' : `${count} rows`)

function duplicateLines({ duplicates = { exact: 0, near: 0 } }: Dataset): string[] {
  const { exact, near } = duplicates
  if (exact + near === 0) return []
  return [`repeated: ${rowCount(exact)} word for word, ${rowCount(near)} but for case, blanks and punctuation`]
}

function lines(dataset: Dataset): string[] {
  const { id, rows, form, problems, labels, notes = [] } = dataset
  return [
    `dataset ${id}: ${rowCount(rows)}, ${form}`,
    ...notes.map((note) => `note: ${note}`),
    ...(problems > 0 ? [`${rowCount(problems)} cannot be used; list them with: graft datasets ${id} --problems`] : []),
    ...duplicateLines(dataset),
    ...(labels ? [`labels: ${formatList(labels)}`] : []),
    `train on it with: graft train --data ${id}`,
  ]
}

export const importCommand: CommandSpec = {
  usage: 'import <file>',
  summary: 'import a file or a folder (JSONL, JSON, CSV, TSV, Parquet, xlsx, text, Markdown; also .gz) as a dataset',
  configure: (command) => addDataOptions(command),
  async run(session, [file = ''], options) {
    const dataset = await importPath(session, file, parseDataRequest(options))
    say(session, 'dataset', { dataset }, lines(dataset))
    return exitCodes.ok
  },
}
