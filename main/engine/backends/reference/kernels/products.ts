import { addScaled, columns, dot, row, rows, type Kernel, type Tensor } from './kernel'

/** Adds a matrix, or one row to every row. */
function addAddend(y: Float64Array, addend: Tensor | undefined): void {
  if (!addend) return
  for (let i = 0; i < y.length; i++) y[i]! += addend.data[i % addend.data.length]!
}

export const linear: Kernel<'linear'> = ([x, w, addend], { alpha }) => {
  const y = new Float64Array(rows(x) * rows(w))
  for (let n = 0; n < rows(x); n++)
    for (let o = 0; o < rows(w); o++)
      y[n * rows(w) + o] = alpha * dot(row(x.data, n, columns(x)), row(w.data, o, columns(w)))
  addAddend(y, addend)
  return [y]
}

export const linearInputGrad: Kernel<'linearInputGrad'> = ([dy, w, addend], { alpha }) => {
  const dx = new Float64Array(rows(dy) * columns(w))
  for (let n = 0; n < rows(dy); n++)
    for (let o = 0; o < rows(w); o++)
      addScaled(row(dx, n, columns(w)), alpha * dy.data[n * rows(w) + o]!, row(w.data, o, columns(w)))
  addAddend(dx, addend)
  return [dx]
}

export const linearWeightGrad: Kernel<'linearWeightGrad'> = ([dy, x], { alpha }) => {
  const dw = new Float64Array(columns(dy) * columns(x))
  for (let n = 0; n < rows(dy); n++)
    for (let o = 0; o < columns(dy); o++)
      addScaled(row(dw, o, columns(x)), alpha * dy.data[n * columns(dy) + o]!, row(x.data, n, columns(x)))
  return [dw]
}
