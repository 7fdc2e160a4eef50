import { GraftError } from '../../../errors'
import { addScaled, columns, row, rows, type Kernel, type Tensor } from './kernel'

/** The ids, each known to name a row. */
function checkedIds(ids: Tensor, tableRows: number): number[] {
  return Array.from(ids.data, (id, n) => {
    if (id >= 0 && id < tableRows) return id
    throw new GraftError(
      'invalid-argument',
      `embedding: row ${n}: expected an id from 0 to ${tableRows - 1}, got ${id}; check that the tokenizer fits the model`,
      { row: n, id },
    )
  })
}

export const embedding: Kernel<'embedding'> = ([ids, table], { factor = 1 }) => {
  const width = columns(table)
  const y = new Float64Array(rows(ids) * width)
  checkedIds(ids, rows(table)).forEach((id, n) => addScaled(row(y, n, width), factor, row(table.data, id, width)))
  return [y]
}

export const embeddingGrad: Kernel<'embeddingGrad'> = ([dy, ids], { rows: tableRows, factor = 1 }) => {
  const width = columns(dy)
  const dTable = new Float64Array(tableRows * width)
  checkedIds(ids, tableRows).forEach((id, n) => addScaled(row(dTable, id, width), factor, row(dy.data, n, width)))
  return [dTable]
}
