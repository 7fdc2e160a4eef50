import { elements } from '../../../graph'
import type { Emitter, Term } from '../program/emitter'
import { size, term, type Lowering } from './lowering'
import { linear, linearInputGrad, linearWeightGrad } from './products'
import { flatKernel, maxReduction, read, strided, sumReduction, unitKernel, write } from './templates'

interface Logits {
  readonly logits: Term
  /** log Σ exp of each row. */
  readonly sums: Term
}

/** What the loss and both of its gradients share; asked for thrice, computed once. */
function logitsOf(e: Emitter, x: Term, table: Term): Logits {
  const logits = term(linear(e, [x, table], { alpha: 1 }), 0)
  const [rows, words] = [size(x, 0), size(table, 0)]
  const body = `
    let base = unit * ${words}u;
    var top = -1e38f;
    ${strided('c', words, 'top = max(top, logits(base + c));')}
    let highest = max_all(lane, top);
    var sum = 0.0f;
    ${strided('c', words, 'sum += exp(logits(base + c) - highest);')}
    let all = sum_all(lane, sum);
    if (lane == 0u) { put_y(unit, highest + log(all)); }`
  const declarations = maxReduction + sumReduction()
  const kernel = { name: 'logSumExp', operands: [read('logits'), write('y')], declarations, body }
  return { logits, sums: e.one(unitKernel(kernel, rows), [logits], [rows]) }
}

/** One workgroup adds up all rows. */
export const lossHead: Lowering<'lossHead'> = (e, inputs) => {
  const [x, table, labels, weight] = inputs as [Term, Term, Term, Term]
  const { logits, sums } = logitsOf(e, x, table)
  const body = `
    var loss = 0.0f;
    ${strided('n', size(x, 0), `if (labels(n) >= 0) { loss += weight(n) * (sums(n) - logits(n * ${size(table, 0)}u + u32(labels(n)))); }`)}
    let all = sum_all(lane, loss);
    if (lane == 0u) { put_y(0u, all); }`
  const operands = [read('logits'), read('sums'), read('labels', 'i32'), read('weight'), write('y')]
  const kernel = unitKernel({ name: 'lossHead', operands, declarations: sumReduction(), body }, 1)
  return [e.one(kernel, [logits, sums, labels, weight], [1])]
}

/** dLoss/dlogits = dLoss · weight · (softmax(logits) − onehot(label)), 0 where the label is below 0: [N, V] */
function logitGradients(e: Emitter, inputs: readonly Term[]): Term {
  const [dLoss, x, table, labels, weight] = inputs as [Term, Term, Term, Term, Term]
  const { logits, sums } = logitsOf(e, x, table)
  const words = size(table, 0)
  const body = `
    let n = i / ${words}u;
    let label = labels(n);
    let hit = select(0.0f, 1.0f, label == i32(i % ${words}u));
    put_y(i, select(0.0f, dLoss(0u) * weight(n) * (exp(logits(i) - sums(n)) - hit), label >= 0));`
  const operands = [read('logits'), read('sums'), read('labels', 'i32'), read('weight'), read('dLoss'), write('y')]
  const kernel = flatKernel({ name: 'logitGradients', operands, body }, elements(logits.shape))
  return e.one(kernel, [logits, sums, labels, weight, dLoss], logits.shape)
}

export const lossHeadInputGrad: Lowering<'lossHeadInputGrad'> = (e, inputs) =>
  linearInputGrad(e, [logitGradients(e, inputs), term(inputs, 2)], { alpha: 1 })

export const lossHeadTableGrad: Lowering<'lossHeadTableGrad'> = (e, inputs) =>
  linearWeightGrad(e, [logitGradients(e, inputs), term(inputs, 1)], { alpha: 1 })
