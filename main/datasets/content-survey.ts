import type { Dataset, DatasetForm, RecordForm, RowProblem } from '../../preload/contract'
import { contentKeys, textKeys, type ContentKeys } from '../engine/text'
import { labelCount } from './labels/label-count'
import type { RowSink, SourceRow } from './readers'
import { detectForm, isRejected, readContent, readingOf, singleAnswer, type Reading } from './row-content'
import { duplicateCount } from './survey/duplicate-count'
import { mappingSurvey, type MappingSurvey } from './survey/suggest-mapping'

/** What a dataset's rows say about the whole. */
export type Survey = Pick<Dataset, 'form' | 'columns' | 'labels' | 'duplicates' | 'suggestedMapping'>

export interface SurveyTarget {
  /** `keys`: what the row says, to tell rows that belong together; undefined where it cannot be used. */
  row(row: SourceRow, keys: ContentKeys | undefined): void
  /** `read`: the row could not be read; `content`: it was read, but cannot be used in the dataset's form. */
  problem(problem: RowProblem, stage: 'read' | 'content'): void
}

/** The form is told from so many rows, or fewer where these (in characters, a problem counted as 200) are enough. */
const sampleRows = 100
const sampleLength = 16 << 20
/** Fields beyond these are not offered as columns: such rows have keys for values. */
const maxColumns = 256

type Finding = { readonly row: SourceRow } | { readonly problem: RowProblem }

/**
 * Tells the form of the first rows, then checks every row in that form. Findings are held back until the form is
 * known, so that they are handed on in the order of the file.
 */
export function contentSurvey(target: SurveyTarget): RowSink & { finish(): Survey } {
  const columns = new Set<string>()
  const waiting: Finding[] = []
  let sampled = 0
  let held = 0
  let form: DatasetForm | undefined
  let checker = contentChecker(undefined, target)
  let suggestion: MappingSurvey | undefined

  function decide(): void {
    const rows = waiting.flatMap((finding) => ('row' in finding ? [JSON.parse(finding.row.text) as unknown] : []))
    form = formOf(rows)
    if (form === 'unknown') suggestion = mappingSurvey([...columns], rows)
    checker = contentChecker(readingOf({ form }), target)
    for (const finding of waiting.splice(0)) hand(finding)
  }
  function hand(finding: Finding): void {
    if ('problem' in finding) return target.problem(finding.problem, 'read')
    checker.check(finding.row)
    suggestion?.add(() => JSON.parse(finding.row.text) as unknown)
  }
  function take(finding: Finding): void {
    if ('row' in finding) sampled++
    if (form !== undefined || sampled === 0) return hand(finding)
    waiting.push(finding)
    held += 'row' in finding ? finding.row.text.length : 200
    if (sampled >= sampleRows || held >= sampleLength) decide()
  }

  return {
    row(row) {
      for (const name of row.fields) if (columns.size < maxColumns) columns.add(name)
      take({ row })
    },
    problem: (problem) => take({ problem }),
    finish() {
      if (form === undefined) decide()
      const suggestedMapping = suggestion?.found()
      return {
        form: form ?? 'unknown',
        columns: [...columns],
        ...(suggestedMapping !== undefined && { suggestedMapping }),
        ...checker.found(),
      }
    },
  }
}

/** Checks rows in a reading; without one every row counts as usable. */
export function contentChecker(reading: Reading | undefined, target: SurveyTarget) {
  const answers = labelCount()
  const repeated = duplicateCount()
  return {
    check(row: SourceRow): void {
      const content = reading && readContent(row.text, reading)
      if (content !== undefined && isRejected(content)) {
        target.row(row, undefined)
        return target.problem({ line: row.line, ...content.problem }, 'content')
      }
      const keys = content === undefined ? textKeys(row.text) : contentKeys(content)
      target.row(row, keys)
      repeated.add(keys)
      if (content !== undefined) answers.add(singleAnswer(content))
    },
    found(): Pick<Survey, 'labels' | 'duplicates'> {
      const labels = answers.labels()
      return { ...(labels !== undefined && { labels }), duplicates: repeated.found() }
    },
  }
}

/** The form of at least half of the rows; a few rows of another shape are then problems. */
function formOf(rows: readonly unknown[]): DatasetForm {
  const counts = new Map<RecordForm, number>()
  for (const form of rows.map(detectForm)) if (form !== undefined) counts.set(form, (counts.get(form) ?? 0) + 1)
  const [best] = [...counts].sort(([, a], [, b]) => b - a)
  return best !== undefined && best[1] * 2 >= rows.length ? best[0] : 'unknown'
}
