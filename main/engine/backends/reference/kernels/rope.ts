import { columns, row, rows, type Kernel } from './kernel'

/** The halves [x1, x2] of each head become [x1 c − x2 s, x2 c + x1 s]; the heads of a row share its angles. */
export const rope: Kernel<'rope'> = ([x, cos, sin], { heads, inverse }) => {
  const y = new Float64Array(x.data.length)
  const headDim = columns(x) / heads
  const half = headDim / 2
  for (let n = 0; n < rows(x); n++)
    for (let h = 0; h < heads; h++) {
      const from = row(x.data, n * heads + h, headDim)
      const to = row(y, n * heads + h, headDim)
      for (let i = 0; i < half; i++) {
        const c = cos.data[n * half + i]!
        const s = sin.data[n * half + i]! * (inverse ? -1 : 1)
        to[i] = from[i]! * c - from[i + half]! * s
        to[i + half] = from[i + half]! * c + from[i]! * s
      }
    }
  return [y]
}
