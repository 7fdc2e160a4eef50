import { addScaled, columns, dot, row, rows, type Kernel, type Numbers, type Tensor } from './kernel'

/** ρ = (mean x² + ε)^−½ of one row. */
const inverseRms = (x: Numbers, epsilon: number): number => 1 / Math.sqrt(dot(x, x) / x.length + epsilon)

const product = (a: Numbers, b: Numbers): Float64Array => Float64Array.from(a, (value, i) => value * b[i]!)

const mean = (x: Numbers): number => Float64Array.from(x).reduce((sum, value) => sum + value, 0) / x.length

export const rowNorm: Kernel<'rowNorm'> = ([w, b, a], { alpha }) => [
  Float64Array.from({ length: rows(w) }, (_, o) => {
    const sum = Float64Array.from(row(w.data, o, columns(w)))
    row(b.data, o, columns(b)).forEach((factor, k) => addScaled(sum, alpha * factor, row(a.data, k, columns(a))))
    return Math.sqrt(dot(sum, sum))
  }),
]

/** What RMSNorm multiplies with: the weight counts from `offset`. */
const factors = (w: Tensor, offset: number): Float64Array => Float64Array.from(w.data, (value) => offset + value)

/** Pieces of `width` numbers, each normalised by itself. */
const pieces = (x: Tensor, width: number): number[] => Array.from({ length: x.data.length / width }, (_, n) => n)

export const rmsNorm: Kernel<'rmsNorm'> = ([x, w], { epsilon, offset, heads }) => {
  const y = new Float64Array(x.data.length)
  const width = columns(x) / heads
  for (const n of pieces(x, width)) {
    const xn = row(x.data, n, width)
    addScaled(row(y, n, width), inverseRms(xn, epsilon), product(factors(w, offset), xn))
  }
  return [y]
}

// dx = ρ (v ⊙ dy) − x ρ³ mean(x ⊙ v ⊙ dy), v = offset + w
export const rmsNormInputGrad: Kernel<'rmsNormInputGrad'> = ([dy, x, w], { epsilon, offset, heads }) => {
  const dx = new Float64Array(x.data.length)
  const width = columns(x) / heads
  for (const n of pieces(x, width)) {
    const xn = row(x.data, n, width)
    const scaled = product(factors(w, offset), row(dy.data, n, width))
    const rho = inverseRms(xn, epsilon)
    addScaled(row(dx, n, width), rho, scaled)
    addScaled(row(dx, n, width), (-(rho ** 3) * dot(xn, scaled)) / width, xn)
  }
  return [dx]
}

// dw = Σ dy ⊙ x ρ
export const rmsNormWeightGrad: Kernel<'rmsNormWeightGrad'> = ([dy, x], { epsilon, heads }) => {
  const width = columns(x) / heads
  const dw = new Float64Array(width)
  for (const n of pieces(x, width)) {
    const xn = row(x.data, n, width)
    addScaled(dw, inverseRms(xn, epsilon), product(row(dy.data, n, width), xn))
  }
  return [dw]
}

/** (x − mean x) ρ of one row, ρ = (var x + ε)^−½, and ρ. */
function normalised(x: Numbers, epsilon: number): { readonly n: Float64Array; readonly rho: number } {
  const centre = mean(x)
  const centred = Float64Array.from(x, (value) => value - centre)
  const rho = inverseRms(centred, epsilon)
  return { n: centred.map((value) => value * rho), rho }
}

export const layerNorm: Kernel<'layerNorm'> = ([x, w, b], { epsilon }) => {
  const y = new Float64Array(x.data.length)
  const width = columns(x)
  for (const i of pieces(x, width)) {
    addScaled(row(y, i, width), 1, product(w.data, normalised(row(x.data, i, width), epsilon).n))
    addScaled(row(y, i, width), 1, b.data)
  }
  return [y]
}

// dx = ρ (g − mean g − n mean(g ⊙ n)), g = w ⊙ dy
export const layerNormInputGrad: Kernel<'layerNormInputGrad'> = ([dy, x, w], { epsilon }) => {
  const dx = new Float64Array(x.data.length)
  const width = columns(x)
  for (const i of pieces(x, width)) {
    const { n, rho } = normalised(row(x.data, i, width), epsilon)
    const g = product(w.data, row(dy.data, i, width))
    const [level, along] = [mean(g), mean(product(g, n))]
    row(dx, i, width).set(g.map((value, c) => rho * (value - level - n[c]! * along)))
  }
  return [dx]
}

// dw = Σ dy ⊙ n
export const layerNormWeightGrad: Kernel<'layerNormWeightGrad'> = ([dy, x], { epsilon }) => {
  const width = columns(x)
  const dw = new Float64Array(width)
  for (const i of pieces(x, width))
    addScaled(dw, 1, product(row(dy.data, i, width), normalised(row(x.data, i, width), epsilon).n))
  return [dw]
}
