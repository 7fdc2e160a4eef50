import type { Emitter, Term } from '../emitter'
import { binary } from './elementwise'
import { size, term, type Lowering } from './lowering'

/** Looking rows up; sums of rows (`embeddingGrad`) are made on the host, in place. */
export const embedding: Lowering<'embedding'> = (e, inputs, { factor = 1 }) => {
  const [ids, table] = [term(inputs, 0), term(inputs, 1)]
  const rows = e.emit('Gather', [table, ids], [size(ids, 0), size(table, 1)], { attributes: { axis: 0 } })
  return [factor === 1 ? rows : binary(e, 'Mul', rows, e.constant('float', [factor]))]
}

function parts(e: Emitter, [x, table, labels, weight]: readonly Term[]) {
  const [rows, vocabulary] = [size(x as Term, 0), size(table as Term, 0)]
  const shape = [rows, vocabulary]
  const logits = e.emit('Gemm', [x as Term, table as Term], shape, { attributes: { transB: 1, alpha: { float: 1 } } })
  const p = e.emit('Softmax', [logits], shape, { attributes: { axis: -1 } })
  const zero = e.constant('int32', [0])
  const kept = e.emit('GreaterOrEqual', [labels as Term, zero], [rows])
  const w = e.emit('Where', [kept, weight as Term, e.constant('float', [0])], [rows])
  const ids = e.emit('Max', [labels as Term, zero], [rows])
  return { x: x as Term, table: table as Term, p, kept, w, ids, rows, vocabulary }
}

/** Σ w · −log p[label]; the floor keeps a vanished probability finite (its loss is then 69 nats). */
export const lossHead: Lowering<'lossHead'> = (e, inputs) => {
  const { p, w, ids, rows } = parts(e, inputs)
  const picked = e.emit('GatherElements', [p, e.reshape(ids, [rows, 1])], [rows, 1], { attributes: { axis: 1 } })
  const floored = e.emit('Max', [picked, e.constant('float', [1e-30])], [rows, 1])
  const logs = e.reshape(e.emit('Log', [floored], [rows, 1]), [rows])
  return [e.emit('Neg', [e.reshape(e.sum(binary(e, 'Mul', logs, w), [0]), [1])], [1])]
}

/** dx = w (p E − E[label]): two products and a row look-up instead of a one-hot matrix. */
export const lossHeadInputGrad: Lowering<'lossHeadInputGrad'> = (e, inputs) => {
  const { x, table, p, w, ids, rows } = parts(e, inputs.slice(1))
  const mean = e.emit('Gemm', [p, table], x.shape, { attributes: { alpha: { float: 1 } } })
  const target = e.emit('Gather', [table, ids], x.shape, { attributes: { axis: 0 } })
  const factor = e.reshape(binary(e, 'Mul', w, term(inputs, 0)), [rows, 1])
  return [binary(e, 'Mul', binary(e, 'Sub', mean, target), factor)]
}

/** dE = (p − onehot)ᵀ (w x); −1 is added at each label's place in p, one element a row. */
export const lossHeadTableGrad: Lowering<'lossHeadTableGrad'> = (e, inputs) => {
  const { x, p, w, ids, rows, vocabulary } = parts(e, inputs.slice(1))
  const minusOne = e.constant(
    'float',
    Array.from({ length: rows }, () => -1),
    [rows, 1],
  )
  const difference = e.emit('ScatterElements', [p, e.reshape(ids, [rows, 1]), minusOne], p.shape, {
    attributes: { axis: 1, reduction: 'add' },
  })
  const factor = e.reshape(binary(e, 'Mul', w, term(inputs, 0)), [rows, 1])
  const scaled = binary(e, 'Mul', x, factor)
  const shape = [vocabulary, size(x, 1)]
  return [e.emit('Gemm', [difference, scaled], shape, { attributes: { transA: 1, alpha: { float: 1 } } })]
}
