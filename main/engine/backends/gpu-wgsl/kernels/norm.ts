import { elements } from '../../../graph'
import type { Emitter, Term } from '../program/emitter'
import { sumTo } from './elementwise'
import { size, term, type Lowering } from './lowering'
import { flatKernel, literal, read, strided, sumReduction, unitKernel, write } from './templates'

/** A workgroup for each row of the matrix, which is nowhere written down as a whole. */
export const rowNorm: Lowering<'rowNorm'> = (e, inputs, { alpha }) => {
  const [w, b] = [term(inputs, 0), term(inputs, 1)]
  const [width, rank] = [size(w, 1), size(b, 1)]
  const element = `
      var update = 0.0f;
      for (var k = 0u; k < ${rank}u; k += 1u) { update += b(unit * ${rank}u + k) * a(k * ${width}u + c); }
      let v = w(unit * ${width}u + c) + ${literal(alpha)} * update;
      squares += v * v;`
  const body = `
    var squares = 0.0f;
    ${strided('c', width, element)}
    let all = sum_all(lane, squares);
    if (lane == 0u) { put_y(unit, sqrt(all)); }`
  const operands = [read('w'), read('b'), read('a'), write('y')]
  const kernel = { name: 'rowNorm', operands, declarations: sumReduction(), body }
  return [e.one(unitKernel(kernel, size(w, 0)), inputs, [size(w, 0)])]
}

/** Statements that leave ρ = (mean x² + ε)^−½ of row `unit` in `rho`. */
const inverseRms = (width: number, epsilon: number): string => `
    let base = unit * ${width}u;
    var squares = 0.0f;
    ${strided('c', width, 'let v = x(base + c); squares += v * v;')}
    let rho = 1.0f / sqrt(sum_all(lane, squares) / ${literal(width)} + ${literal(epsilon)});`

/** What RMSNorm multiplies with: the weight counts from `offset`. */
const factor = (offset: number): string => (offset === 0 ? 'w(c)' : `(${literal(offset)} + w(c))`)

/** A workgroup for each row; for each head of it where heads are normalised by themselves. */
export const rmsNorm: Lowering<'rmsNorm'> = (e, inputs, { epsilon, offset, heads }) => {
  const x = term(inputs, 0)
  const width = size(x, 1) / heads
  const body = `${inverseRms(width, epsilon)}
    ${strided('c', width, `put_y(base + c, ${factor(offset)} * (x(base + c) * rho));`)}`
  const kernel = { name: 'rmsNorm', operands: [read('x'), read('w'), write('y')], declarations: sumReduction(), body }
  return [e.one(unitKernel(kernel, size(x, 0) * heads), inputs, x.shape)]
}

/** dx = ρ (v ⊙ dy) − x ρ³ mean(x ⊙ v ⊙ dy), v = offset + w */
export const rmsNormInputGrad: Lowering<'rmsNormInputGrad'> = (e, inputs, { epsilon, offset, heads }) => {
  const x = term(inputs, 1)
  const width = size(x, 1) / heads
  const scaled = `(${factor(offset)} * dy(base + c))`
  const body = `${inverseRms(width, epsilon)}
    var product = 0.0f;
    ${strided('c', width, `product += x(base + c) * ${scaled};`)}
    let mean = sum_all(lane, product) / ${literal(width)} * rho * rho;
    ${strided('c', width, `put_dx(base + c, rho * (${scaled} - x(base + c) * mean));`)}`
  const operands = [read('dy'), read('x'), read('w'), write('dx')]
  const kernel = { name: 'rmsNormInputGrad', operands, declarations: sumReduction(), body }
  return [e.one(unitKernel(kernel, size(x, 0) * heads), inputs, x.shape)]
}

/** Σ dy ⊙ n over the rows, for n = (x − level) ρ with a level and a ρ for each row (`statistics`, the two in turn). */
function sumOfProducts(e: Emitter, dy: Term, x: Term, width: number, statistics: Term): Term {
  const body = `
    let row = i / ${width}u;
    put_y(i, dy(i) * ((x(i) - statistics(2u * row)) * statistics(2u * row + 1u)));`
  const operands = [read('dy'), read('x'), read('statistics'), write('y')]
  const kernel = flatKernel({ name: 'normWeightTerms', operands, body }, elements(x.shape))
  const rows = elements(x.shape) / width
  const terms = e.one(kernel, [dy, x, statistics], [rows, width])
  return sumTo(e, [terms], { shape: [width] })[0] as Term
}

/** Level and ρ of every row, [rows, 2]. `find` leaves them in the variables `level` and `rho`. */
function rowStatistics(e: Emitter, name: string, x: Term, rows: number, find: string): Term {
  const body = `${find}
    if (lane == 0u) { put_y(2u * unit, level); put_y(2u * unit + 1u, rho); }`
  const kernel = { name, operands: [read('x'), write('y')], declarations: sumReduction(), body }
  return e.one(unitKernel(kernel, rows), [x], [rows, 2])
}

/** dw = Σ dy ⊙ x ρ: the terms first, then their sum over the rows. */
export const rmsNormWeightGrad: Lowering<'rmsNormWeightGrad'> = (e, inputs, { epsilon, heads }) => {
  const [dy, x] = [term(inputs, 0), term(inputs, 1)]
  const width = size(x, 1) / heads
  const find = `${inverseRms(width, epsilon)}\n    let level = 0.0f;`
  const statistics = rowStatistics(e, 'inverseRms', x, size(x, 0) * heads, find)
  return [sumOfProducts(e, dy, x, width, statistics)]
}

/** Statements that leave mean x and ρ = (var x + ε)^−½ of row `unit` in `level` and `rho`. */
const levelAndInverse = (width: number, epsilon: number): string => `
    let base = unit * ${width}u;
    var total = 0.0f;
    ${strided('c', width, 'total += x(base + c);')}
    let level = sum_all(lane, total) / ${literal(width)};
    var squares = 0.0f;
    ${strided('c', width, 'let v = x(base + c) - level; squares += v * v;')}
    let rho = 1.0f / sqrt(sum_all(lane, squares) / ${literal(width)} + ${literal(epsilon)});`

export const layerNorm: Lowering<'layerNorm'> = (e, inputs, { epsilon }) => {
  const x = term(inputs, 0)
  const width = size(x, 1)
  const body = `${levelAndInverse(width, epsilon)}
    ${strided('c', width, 'put_y(base + c, w(c) * ((x(base + c) - level) * rho) + b(c));')}`
  const operands = [read('x'), read('w'), read('b'), write('y')]
  const kernel = { name: 'layerNorm', operands, declarations: sumReduction(), body }
  return [e.one(unitKernel(kernel, size(x, 0)), inputs, x.shape)]
}

/** dx = ρ (g − mean g − n mean(g ⊙ n)), g = w ⊙ dy */
export const layerNormInputGrad: Lowering<'layerNormInputGrad'> = (e, inputs, { epsilon }) => {
  const x = term(inputs, 1)
  const width = size(x, 1)
  const body = `${levelAndInverse(width, epsilon)}
    var plain = 0.0f;
    var product = 0.0f;
    ${strided('c', width, 'let g = w(c) * dy(base + c); plain += g; product += g * (x(base + c) - level);')}
    let mean = sum_all(lane, plain) / ${literal(width)};
    let along = sum_all(lane, product) / ${literal(width)} * rho * rho;
    ${strided('c', width, 'put_dx(base + c, rho * (w(c) * dy(base + c) - mean - (x(base + c) - level) * along));')}`
  const operands = [read('dy'), read('x'), read('w'), write('dx')]
  const kernel = { name: 'layerNormInputGrad', operands, declarations: sumReduction(), body }
  return [e.one(unitKernel(kernel, size(x, 0)), inputs, x.shape)]
}

/** dw = Σ dy ⊙ n: the terms first, then their sum over the rows. */
export const layerNormWeightGrad: Lowering<'layerNormWeightGrad'> = (e, inputs, { epsilon }) => {
  const [dy, x] = [term(inputs, 0), term(inputs, 1)]
  const width = size(x, 1)
  const statistics = rowStatistics(e, 'levelAndInverse', x, size(x, 0), levelAndInverse(width, epsilon))
  return [sumOfProducts(e, dy, x, width, statistics)]
}
