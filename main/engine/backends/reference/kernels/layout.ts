import { elements, type Shape } from '../../../graph'
import { addScaled, columns, row, rows, type Kernel } from './kernel'

/** Sizes before, at and behind an axis: what is contiguous. */
function around(shape: Shape, axis: number): { outer: number; size: number; inner: number } {
  return { outer: elements(shape.slice(0, axis)), size: shape[axis] ?? 1, inner: elements(shape.slice(axis + 1)) }
}

export const slice: Kernel<'slice'> = ([x], { axis, from, to }) => {
  const { outer, size, inner } = around(x.shape, axis)
  const y = new Float64Array(outer * (to - from) * inner)
  for (let o = 0; o < outer; o++)
    y.set(x.data.subarray((o * size + from) * inner, (o * size + to) * inner), o * (to - from) * inner)
  return [y]
}

export const pad: Kernel<'pad'> = ([x], { axis, before, after }) => {
  const { outer, size, inner } = around(x.shape, axis)
  const whole = before + size + after
  const y = new Float64Array(outer * whole * inner)
  for (let o = 0; o < outer; o++)
    y.set(x.data.subarray(o * size * inner, (o + 1) * size * inner), (o * whole + before) * inner)
  return [y]
}

export const concat: Kernel<'concat'> = (inputs, { axis }) => {
  const parts = inputs.map((tensor) => ({ data: tensor.data, ...around(tensor.shape, axis) }))
  const { outer, inner } = parts[0]!
  const whole = parts.reduce((sum, part) => sum + part.size, 0)
  const y = new Float64Array(outer * whole * inner)
  let from = 0
  for (const { data, size } of parts) {
    for (let o = 0; o < outer; o++)
      y.set(data.subarray(o * size * inner, (o + 1) * size * inner), (o * whole + from) * inner)
    from += size
  }
  return [y]
}

export const prepend: Kernel<'prepend'> = ([x, front], { batch }) => {
  const each = x.data.length / batch
  const y = new Float64Array(x.data.length + batch * front.data.length)
  for (let b = 0; b < batch; b++) {
    const start = b * (front.data.length + each)
    y.set(front.data, start)
    y.set(x.data.subarray(b * each, (b + 1) * each), start + front.data.length)
  }
  return [y]
}

/** dx: what stands behind the rows; drows: Σ over sequences. */
export const prependGrad: Kernel<'prependGrad'> = ([dy], attributes) => {
  const width = columns(dy)
  const [each, front] = [dy.data.length / attributes.batch, attributes.rows * width]
  const dx = new Float64Array(dy.data.length - attributes.batch * front)
  const dRows = new Float64Array(front)
  for (let b = 0; b < attributes.batch; b++) {
    addScaled(dRows, 1, dy.data.subarray(b * each, b * each + front))
    dx.set(dy.data.subarray(b * each + front, (b + 1) * each), b * (each - front))
  }
  return [dx, dRows]
}

export const replaceRows: Kernel<'replaceRows'> = ([x, places, table]) => {
  const width = columns(x)
  const y = Float64Array.from(x.data)
  places.data.forEach((place, n) => {
    if (place < rows(table)) row(y, n, width).set(row(table.data, place, width))
  })
  return [y]
}

/** Where a row came from the table, its gradient goes there and not to x. */
export const replaceRowsGrad: Kernel<'replaceRowsGrad'> = ([dy, places], attributes) => {
  const width = columns(dy)
  const dx = Float64Array.from(dy.data)
  const dTable = new Float64Array(attributes.rows * width)
  places.data.forEach((place, n) => {
    if (place >= attributes.rows) return
    addScaled(row(dTable, place, width), 1, row(dy.data, n, width))
    row(dx, n, width).fill(0)
  })
  return [dx, dTable]
}
