import { addScaled, columns, dot, row, rows, type Kernel, type Numbers } from './kernel'

/** ρ = (mean x² + ε)^−½ of one row. */
const inverseRms = (x: Numbers, epsilon: number): number => 1 / Math.sqrt(dot(x, x) / x.length + epsilon)

const product = (a: Numbers, b: Numbers): Float64Array => Float64Array.from(a, (value, i) => value * b[i]!)

export const rmsNorm: Kernel<'rmsNorm'> = ([x, w], { epsilon }) => {
  const y = new Float64Array(x.data.length)
  for (let n = 0; n < rows(x); n++) {
    const xn = row(x.data, n, columns(x))
    addScaled(row(y, n, columns(x)), inverseRms(xn, epsilon), product(w.data, xn))
  }
  return [y]
}

// dx = ρ (w ⊙ dy) − x ρ³ mean(x ⊙ w ⊙ dy)
export const rmsNormInputGrad: Kernel<'rmsNormInputGrad'> = ([dy, x, w], { epsilon }) => {
  const dx = new Float64Array(x.data.length)
  const width = columns(x)
  for (let n = 0; n < rows(x); n++) {
    const xn = row(x.data, n, width)
    const scaled = product(w.data, row(dy.data, n, width))
    const rho = inverseRms(xn, epsilon)
    addScaled(row(dx, n, width), rho, scaled)
    addScaled(row(dx, n, width), (-(rho ** 3) * dot(xn, scaled)) / width, xn)
  }
  return [dx]
}

// dw = Σ dy ⊙ x ρ
export const rmsNormWeightGrad: Kernel<'rmsNormWeightGrad'> = ([dy, x], { epsilon }) => {
  const dw = new Float64Array(columns(x))
  for (let n = 0; n < rows(x); n++) {
    const xn = row(x.data, n, columns(x))
    addScaled(dw, inverseRms(xn, epsilon), product(row(dy.data, n, columns(x)), xn))
  }
  return [dw]
}
