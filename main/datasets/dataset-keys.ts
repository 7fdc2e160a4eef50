import type { Dataset } from '../../preload/contract'
import { contentKeys, identityOf, type IdentityColumns } from '../engine/text'
import { fileByteSource } from '../files'
import { readingOf, type RowContent } from './row-content'
import { readKeys } from './store/row-keys'

/** The keys that the import wrote down; undefined where it could not yet, or did not. */
export async function storedKeys(path: string, dataset: Dataset): Promise<IdentityColumns | undefined> {
  // What was written while nobody knew what the columns are is of no use.
  if (readingOf(dataset) === undefined) return undefined
  const file = await fileByteSource(path).catch(() => undefined)
  try {
    return file && (await readKeys(file, dataset.rows))
  } finally {
    await file?.close()
  }
}

/** The keys of rows, from the rows themselves. `onRow` is awaited after each. */
export async function countKeys<Row extends { readonly content: RowContent }>(
  rows: AsyncIterable<Row>,
  onRow: (row: Row) => Promise<void> = async () => {},
): Promise<IdentityColumns> {
  const [prompt, whole]: [number[], number[]] = [[], []]
  for await (const row of rows) {
    const [asked, said] = identityOf(contentKeys(row.content))
    prompt.push(asked)
    whole.push(said)
    await onRow(row)
  }
  return { prompt, whole }
}
