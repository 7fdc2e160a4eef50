import type { ColumnValues } from '../../preload/contract'
import { columnText, requireColumn, type OpenDataset } from './open-dataset'

const listed = 32
const batchRows = 1000

/**
 * What stands in a column, and how often: to choose by which value rows are divided. Counting ends where there are more
 * values than anybody would choose among.
 * @throws GraftError `invalid-argument` for a column that is not there
 */
export async function columnValues(opened: OpenDataset, column: string): Promise<ColumnValues> {
  requireColumn(opened.dataset, column)
  const { rows } = opened.dataset
  const counts = new Map<string, number>()
  for (let offset = 0; offset < rows && counts.size <= listed; offset += batchRows)
    for (const { text } of await opened.rows(offset, batchRows)) {
      const value = columnText(text, column)
      counts.set(value, (counts.get(value) ?? 0) + 1)
    }
  const sorted = [...counts].sort(([, a], [, b]) => b - a).map(([value, count]) => ({ value, rows: count }))
  return { values: sorted.slice(0, listed), more: sorted.length > listed }
}
