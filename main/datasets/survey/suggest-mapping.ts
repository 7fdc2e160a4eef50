import type { ColumnMapping } from '../../../preload/contract'
import { isRejected, toContent } from '../../engine/text'
import { labelCount, type LabelLimits } from '../labels/label-count'
import { mappingTemplates, type MappingTemplate } from './mapping-templates'

/** What an instruction may list; more would take the room of the rows themselves. */
const listedLabels: LabelLimits = { labels: 64, length: 40, rowsFor: (labels) => labels }
const maxListLength = 400

/** A share of the sample rows that must be usable with a mapping for it to be worth saying. */
const usableShare = 0.8

interface Match {
  readonly template: MappingTemplate
  readonly mapping: ColumnMapping
}

/**
 * The mapping that the names of the columns speak for and that the rows bear out, or undefined where neither is sure.
 * Labels are turned into an instruction that lists them, as far as the rows show them.
 */
export function suggestMapping(columns: readonly string[], sampleRows: readonly unknown[]): ColumnMapping | undefined {
  const survey = mappingSurvey(columns, sampleRows)
  for (const row of sampleRows) survey?.add(() => row)
  return survey?.found()
}

export interface MappingSurvey {
  /** Takes in what a further row says of the labels; it is asked for only where there are labels. */
  add(row: () => unknown): void
  found(): ColumnMapping
}

/** {@link suggestMapping} for rows that come one after the other: which labels there are only the last one tells. */
export function mappingSurvey(columns: readonly string[], sampleRows: readonly unknown[]): MappingSurvey | undefined {
  const match = matchTemplate(columns, sampleRows)
  if (match === undefined) return undefined
  const { mapping, template } = match
  if (template.isLabel !== true) return { add: () => undefined, found: () => mapping }
  const count = labelCount(listedLabels)
  return { add: (row) => count.add(labelText(row(), mapping.answer)), found: () => withLabels(mapping, count.labels()) }
}

/** A mapping with an instruction that says what may be answered; `labels` undefined: too many to list. */
function withLabels(mapping: ColumnMapping, labels: readonly string[] | undefined): ColumnMapping {
  const list = labels?.join(', ') ?? ''
  const name = mapping.answer.replaceAll('_', ' ')
  const listed = list !== '' && list.length <= maxListLength
  return { ...mapping, instruction: listed ? `Answer with one of: ${list}.` : `Answer with the ${name} alone.` }
}

/** The value of a label column as text; numbers and truth values are labels too. */
function labelText(row: unknown, column: string): string | undefined {
  const value = typeof row === 'object' && row !== null ? (row as Record<string, unknown>)[column] : undefined
  return typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean'
    ? String(value)
    : undefined
}

function matchTemplate(columns: readonly string[], rows: readonly unknown[]): Match | undefined {
  for (const template of mappingTemplates) {
    const mapping = mappingBy(template, columns)
    if (mapping !== undefined && isBorneOut(mapping, rows)) return { template, mapping }
  }
  return undefined
}

function mappingBy({ input, answer }: MappingTemplate, columns: readonly string[]): ColumnMapping | undefined {
  const find = (names: readonly string[]): string | undefined =>
    names.map((name) => columns.find((column) => plain(column) === name)).find((column) => column !== undefined)
  const said = find(answer)
  const parts = input.map(find).filter((column) => column !== undefined && column !== said) as string[]
  return said === undefined || find(input[0] ?? []) === undefined || parts.length === 0
    ? undefined
    : { form: 'mapped', input: parts, answer: said }
}

const plain = (name: string): string => name.toLowerCase().replace(/[\s_-]/g, '')

function isBorneOut(mapping: ColumnMapping, rows: readonly unknown[]): boolean {
  const usable = rows.filter((row) => !isRejected(toContent(row, mapping))).length
  return usable > 0 && usable >= rows.length * usableShare
}
