import { elements } from '../../../graph'
import { sumTo } from './elementwise'
import { size, term, type Lowering } from './lowering'
import { flatKernel, literal, read, strided, sumReduction, unitKernel, write } from './templates'

/** Statements that leave ρ = (mean x² + ε)^−½ of row `unit` in `rho`. */
const inverseRms = (width: number, epsilon: number): string => `
    let base = unit * ${width}u;
    var squares = 0.0f;
    ${strided('c', width, 'let v = x(base + c); squares += v * v;')}
    let rho = 1.0f / sqrt(sum_all(lane, squares) / ${literal(width)} + ${literal(epsilon)});`

/** A workgroup for each row. */
export const rmsNorm: Lowering<'rmsNorm'> = (e, inputs, { epsilon }) => {
  const x = term(inputs, 0)
  const width = size(x, 1)
  const body = `${inverseRms(width, epsilon)}
    ${strided('c', width, 'put_y(base + c, w(c) * (x(base + c) * rho));')}`
  const kernel = { name: 'rmsNorm', operands: [read('x'), read('w'), write('y')], declarations: sumReduction(), body }
  return [e.one(unitKernel(kernel, size(x, 0)), inputs, x.shape)]
}

/** dx = ρ (w ⊙ dy) − x ρ³ mean(x ⊙ w ⊙ dy) */
export const rmsNormInputGrad: Lowering<'rmsNormInputGrad'> = (e, inputs, { epsilon }) => {
  const x = term(inputs, 1)
  const width = size(x, 1)
  const body = `${inverseRms(width, epsilon)}
    var product = 0.0f;
    ${strided('c', width, 'product += x(base + c) * (w(c) * dy(base + c));')}
    let mean = sum_all(lane, product) / ${literal(width)} * rho * rho;
    ${strided('c', width, 'put_dx(base + c, rho * (w(c) * dy(base + c) - x(base + c) * mean));')}`
  const operands = [read('dy'), read('x'), read('w'), write('dx')]
  const kernel = { name: 'rmsNormInputGrad', operands, declarations: sumReduction(), body }
  return [e.one(unitKernel(kernel, size(x, 0)), inputs, x.shape)]
}

/** dw = Σ dy ⊙ x ρ: the terms first, then their sum over the rows. */
export const rmsNormWeightGrad: Lowering<'rmsNormWeightGrad'> = (e, inputs, { epsilon }) => {
  const [dy, x] = [term(inputs, 0), term(inputs, 1)]
  const [rows, width] = [size(x, 0), size(x, 1)]
  const rhoBody = `${inverseRms(width, epsilon)}\n    if (lane == 0u) { put_y(unit, rho); }`
  const rhoKernel = {
    name: 'inverseRms',
    operands: [read('x'), write('y')],
    declarations: sumReduction(),
    body: rhoBody,
  }
  const rho = e.one(unitKernel(rhoKernel, rows), [x], [rows])
  const body = `put_y(i, dy(i) * (x(i) * rho(i / ${width}u)));`
  const operands = [read('dy'), read('x'), read('rho'), write('y')]
  const terms = flatKernel({ name: 'rmsNormWeightTerms', operands, body }, elements(x.shape))
  return sumTo(e, [e.one(terms, [dy, x, rho], x.shape)], { shape: [width] })
}
