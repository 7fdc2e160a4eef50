import { addScaled, columns, dot, logSumExp, row, rows, type Kernel, type Tensor } from './kernel'

/** A token row that counts: its label is not negative. */
interface LabelledRow {
  readonly n: number
  readonly x: Tensor['data']
  readonly label: number
  readonly weight: number
  readonly logits: readonly number[]
}

function* labelledRows(x: Tensor, table: Tensor, labels: Tensor, weight: Tensor): Generator<LabelledRow> {
  for (let n = 0; n < rows(x); n++) {
    const label = labels.data[n]!
    if (label < 0) continue
    const xn = row(x.data, n, columns(x))
    const logits = Array.from({ length: rows(table) }, (_, v) => dot(xn, row(table.data, v, columns(table))))
    yield { n, x: xn, label, weight: weight.data[n]!, logits }
  }
}

export const lossHead: Kernel<'lossHead'> = ([x, table, labels, weight]) => {
  let loss = 0
  for (const { logits, label, weight: w } of labelledRows(x, table, labels, weight))
    loss += w * (logSumExp(logits) - logits[label]!)
  return [Float64Array.of(loss)]
}

/** dLoss/dlogits of one row: weight · (softmax(logits) − onehot(label)). */
function logitGradients({ logits, label, weight }: LabelledRow): number[] {
  const normaliser = logSumExp(logits)
  return logits.map((logit, v) => weight * (Math.exp(logit - normaliser) - (v === label ? 1 : 0)))
}

export const lossHeadInputGrad: Kernel<'lossHeadInputGrad'> = ([dLoss, x, table, labels, weight]) => {
  const width = columns(x)
  const dx = new Float64Array(x.data.length)
  for (const labelled of labelledRows(x, table, labels, weight))
    logitGradients(labelled).forEach((dLogit, v) =>
      addScaled(row(dx, labelled.n, width), dLoss.data[0]! * dLogit, row(table.data, v, width)),
    )
  return [dx]
}

export const lossHeadTableGrad: Kernel<'lossHeadTableGrad'> = ([dLoss, x, table, labels, weight]) => {
  const dTable = new Float64Array(table.data.length)
  for (const labelled of labelledRows(x, table, labels, weight))
    logitGradients(labelled).forEach((dLogit, v) =>
      addScaled(row(dTable, v, columns(table)), dLoss.data[0]! * dLogit, labelled.x),
    )
  return [dTable]
}
