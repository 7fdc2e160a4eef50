import { MAX_CLASSES, type ClassCount, type Dataset, type RecordForm } from '../../../preload/contract'
import { GraftError } from '../../engine/errors'
import { labelledText, orderLabels } from '../../engine/text'
import type { ContentRow, OpenDataset } from '../open-dataset'

/** The field that holds a row's label, for messages. */
const labelFields: Readonly<Record<RecordForm, string>> = {
  alpaca: 'output',
  'prompt-completion': 'completion',
  openai: 'messages',
  sharegpt: 'conversations',
  text: 'text',
}

/** The column in which a dataset's labels stand. */
export function labelColumn({ form, mapping }: Pick<Dataset, 'form' | 'mapping'>): string {
  return mapping?.answer ?? labelFields[form as RecordForm] ?? 'answer'
}

interface LabelRows {
  readonly rows: number
  /** The line in the source file on which it is met first. */
  readonly line: number
}

/** Labels beyond the largest number of classes are not counted any more: then it is no classification. */
async function countLabels(opened: OpenDataset): Promise<ReadonlyMap<string, LabelRows>> {
  const counts = new Map<string, LabelRows>()
  for await (const row of opened.contents()) {
    const label = requireLabel(opened, row)
    const { rows = 0, line = row.line } = counts.get(label) ?? {}
    counts.set(label, { rows: rows + 1, line })
    if (counts.size > MAX_CLASSES) break
  }
  return counts
}

function requireLabel({ dataset }: OpenDataset, { content, line }: ContentRow): string {
  const found = labelledText(content)
  if (found && found.label !== '') return found.label
  const column = labelColumn(dataset)
  const got = found ? 'an empty one' : 'plain text without one'
  const advice = found ? 'fill it in, or leave the row out' : 'name the columns of text and label, or let it learn text'
  const message = `dataset ${dataset.id}: line ${line}, column "${column}": expected a label, got ${got}; ${advice}`
  throw new GraftError('dataset-row', message, { dataset: dataset.id, line, column })
}

const shown = (label: string): string => JSON.stringify(label.length > 40 ? `${label.slice(0, 40)}…` : label)

function noClasses(dataset: Dataset, expected: string, got: string): GraftError {
  const column = labelColumn(dataset)
  const message = `dataset ${dataset.id}: column "${column}": expected ${expected}, got ${got}; choose another column of labels, or let the model answer as text`
  return new GraftError('labels-unfit', message, { dataset: dataset.id, column })
}

function unknownLabel({ id, ...dataset }: Dataset, label: string, line: number, known: readonly string[]): GraftError {
  const column = labelColumn(dataset)
  const some = `${known.slice(0, 8).map(shown).join(', ')}${known.length > 8 ? `, … (${known.length} in all)` : ''}`
  const message = `dataset ${id}: line ${line}, column "${column}": expected one of the labels ${some}, got ${shown(label)}; correct the row, or name this label among them`
  return new GraftError('label-unknown', message, { dataset: id, line, column, label })
}

/**
 * The classes of a dataset's rows, each with the number of its rows.
 * @param known the classes in their order, where they are decided already; absent: all labels that there are
 * @throws GraftError `dataset-row` for a row without a label, `label-unknown` for one that is none of those known,
 * `labels-unfit` where there are fewer than two or more than a thousand, `dataset-unmapped`
 */
export async function datasetClasses(opened: OpenDataset, known?: readonly string[]): Promise<ClassCount[]> {
  const { dataset } = opened
  const counts = await countLabels(opened)
  const labels = known ?? orderLabels(counts.keys())
  if (labels.length > MAX_CLASSES)
    throw noClasses(
      dataset,
      `at most ${MAX_CLASSES} different labels`,
      `more, ${shown(labels[0] as string)} among them`,
    )
  if (labels.length < 2) throw noClasses(dataset, 'two labels or more', `only ${shown(labels[0] ?? '')}`)
  const among = new Set(labels)
  for (const [label, { line }] of counts) if (!among.has(label)) throw unknownLabel(dataset, label, line, labels)
  return labels.map((label) => ({ label, rows: counts.get(label)?.rows ?? 0 }))
}
