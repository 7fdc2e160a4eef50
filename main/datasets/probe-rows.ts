import type { OpenDataset } from './open-dataset'
import { isRejected, readContent, type RowContent } from './row-content'

/** Among so many rows the longest are looked for. */
const measuredRows = 100_000
/** Of the rows that are taken so many are the longest; the others are the first, as a long row may be long only in a column that is not used. */
const longestShare = 3 / 4

function chooseRows(sizes: readonly number[], count: number): number[] {
  const all = sizes.map((_, at) => at)
  if (all.length <= count) return all
  const longest = new Set(all.toSorted((a, b) => (sizes[b] ?? 0) - (sizes[a] ?? 0)).slice(0, count * longestShare))
  const others = all.slice(0, count).filter((at) => !longest.has(at))
  return [...longest, ...others].slice(0, count)
}

/**
 * Some rows to judge a dataset by without reading it whole, most of them its longest in bytes. None where nobody has said
 * yet what the columns are.
 */
export async function probeRows(opened: OpenDataset, count: number): Promise<RowContent[]> {
  const { reading } = opened
  if (reading === undefined) return []
  const chosen = chooseRows(await opened.sizes(measuredRows), count)
  const contents = await Promise.all(chosen.map(async (at) => readContent(await opened.rowText(at), reading)))
  return contents.flatMap((content) => (isRejected(content) ? [] : [content]))
}
