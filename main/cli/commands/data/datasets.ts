import type { Dataset, PreviewRow, RowProblem } from '../../../../preload/contract'
import { listDatasets } from '../../../datasets'
import { readPreview, readProblems } from '../../../service'
import { exitCodes, usageError, type ExitCode } from '../../exit'
import { formatBytes, table } from '../../format'
import { say, type CommandSpec, type Options, type Session } from '../../session'
import { describeMapping } from '../../spec/data-options'
import { findDataset } from './find-dataset'

/** More than anybody reads in a terminal, and all that is asked for at once. */
const MAX_PROBLEMS = 1000

async function listAll({ studio, terminal, json }: Session): Promise<ExitCode> {
  const { datasets, broken } = await listDatasets(studio.paths.datasets)
  for (const { id, message } of broken) terminal.err(`${id}: ${message}`)
  if (json) for (const dataset of datasets) terminal.out(JSON.stringify(dataset))
  else if (datasets.length === 0) terminal.err('no datasets yet; bring one with: graft import FILE')
  else {
    const rows = datasets.map(({ id, rows, problems, form, sourceFile }) => [
      id,
      String(rows),
      String(problems),
      form,
      sourceFile,
    ])
    for (const line of table([['dataset', 'rows', 'unusable', 'form', 'from'], ...rows])) terminal.out(line)
  }
  return exitCodes.ok
}

function aboutLines(dataset: Dataset): string[] {
  const { id, sourceFile, bytes, encoding, form, columns, mapping, suggestedMapping, labels, notes = [] } = dataset
  const rows: [string, string | undefined | false][] = [
    ['dataset', id],
    ['from', `${sourceFile}, ${formatBytes(bytes)}${encoding ? `, ${encoding}` : ''}`],
    ['rows', `${dataset.rows}, and ${dataset.problems} that cannot be used`],
    ['form', form],
    ['columns', columns.join(', ')],
    ['mapping', mapping && describeMapping(mapping)],
    ['suggested', !mapping && suggestedMapping && describeMapping(suggestedMapping)],
    ['labels', labels?.join(', ')],
    ['fingerprint', dataset.fingerprint],
  ]
  return [
    ...table(rows.flatMap(([name, text]) => (text ? [[name, text]] : []))),
    ...notes.map((note) => `note: ${note}`),
  ]
}

function previewLines({ line, messages, prompt, completion, text }: PreviewRow): string[] {
  const said = messages?.map(({ role, content }): [string, string] => [role, content]) ?? [
    ['prompt', prompt ?? ''],
    ['answer', completion ?? ''],
    ['text', text ?? ''],
  ]
  return ['', `line ${line}`, ...said.flatMap(([who, words]) => (words === '' ? [] : [`  ${who}: ${words}`]))]
}

function problemLines(problems: readonly RowProblem[]): string[] {
  if (problems.length === 0) return []
  const rows = problems.map(({ line, column, field, message }) => [
    `line ${line}${column === undefined ? '' : `:${column}`}`,
    field ?? '',
    message,
  ])
  return ['', ...table(rows)]
}

function parseRows(text: unknown): number {
  const rows = Number(text)
  if (Number.isInteger(rows) && rows >= 0 && rows <= 200) return rows
  throw usageError(`--rows: expected a whole number from 0 to 200, got "${String(text)}"`)
}

async function showOne(session: Session, id: string, options: Options): Promise<ExitCode> {
  const { paths } = session.studio
  const limit = parseRows(options['rows'])
  const dataset = await findDataset(session, id)
  const rows = limit > 0 && dataset.form !== 'unknown' ? await readPreview(paths, { id, offset: 0, limit }) : []
  const isAsked = options['problems'] === true && dataset.problems > 0
  const problems = isAsked ? await readProblems(paths, { id, offset: 0, limit: MAX_PROBLEMS }) : []
  const lines = [...aboutLines(dataset), ...rows.flatMap(previewLines), ...problemLines(problems)]
  say(session, 'dataset', { dataset, rows, problems }, lines)
  return exitCodes.ok
}

export const datasetsCommand: CommandSpec = {
  usage: 'datasets [dataset]',
  summary: 'list the datasets, or show one with its first rows',
  configure: (command) =>
    command
      .option('--rows <n>', 'rows to show, as the model gets them', '3')
      .option('--problems', 'list what cannot be used: line, column, reason'),
  run: (session, [id], options) => (id === undefined ? listAll(session) : showOne(session, id, options)),
}
