import { columns, row, rows, type Kernel, type Numbers, type Tensor } from './kernel'

const sigmoid = (x: number): number => 1 / (1 + Math.exp(-x))

interface Gates {
  readonly i: number
  readonly f: number
  readonly g: number
  readonly o: number
}

/** The gates of element `at` in one row of z: four blocks of `width`. */
const gatesAt = (z: Numbers, width: number, at: number): Gates => ({
  i: sigmoid(z[at]!),
  f: sigmoid(z[width + at]!),
  g: Math.tanh(z[2 * width + at]!),
  o: sigmoid(z[3 * width + at]!),
})

/** Calls `visit` for every element of the cell: its row, its place in the row, its gates and the cell before. */
function eachElement(
  z: Tensor,
  c: Tensor | undefined,
  visit: (n: number, at: number, gates: Gates, before: number) => void,
): void {
  const width = columns(z) / 4
  for (let n = 0; n < rows(z); n++)
    for (let at = 0; at < width; at++)
      visit(n, at, gatesAt(row(z.data, n, 4 * width), width, at), c?.data[n * width + at] ?? 0)
}

export const lstmCell: Kernel<'lstmCell'> = ([z, c]) => {
  const width = columns(z) / 4
  const [hidden, cell] = [new Float64Array(rows(z) * width), new Float64Array(rows(z) * width)]
  eachElement(z, c as Tensor | undefined, (n, at, { i, f, g, o }, before) => {
    const after = f * before + i * g
    cell[n * width + at] = after
    hidden[n * width + at] = o * Math.tanh(after)
  })
  return [hidden, cell]
}

export const lstmCellGrad: Kernel<'lstmCellGrad'> = (inputs, { of }) => {
  const hidden = of === 'cell' ? undefined : inputs[0]
  const cell = of === 'hidden' ? undefined : inputs[of === 'both' ? 1 : 0]
  const [z, c] = inputs.slice(of === 'both' ? 2 : 1) as [Tensor, Tensor | undefined]
  const width = columns(z) / 4
  const [dz, dc] = [new Float64Array(rows(z) * 4 * width), new Float64Array(rows(z) * width)]
  eachElement(z, c, (n, at, { i, f, g, o }, before) => {
    const place = n * width + at
    const dh = hidden?.data[place] ?? 0
    const t = Math.tanh(f * before + i * g)
    const delta = (cell?.data[place] ?? 0) + dh * o * (1 - t * t)
    const gates = [delta * g * i * (1 - i), delta * before * f * (1 - f), delta * i * (1 - g * g), dh * t * o * (1 - o)]
    gates.forEach((gradient, block) => (dz[n * 4 * width + block * width + at] = gradient))
    dc[place] = delta * f
  })
  return c ? [dz, dc] : [dz]
}
