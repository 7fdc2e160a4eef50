import type { Emitter, Term } from '../program/emitter'
import type { Kernel } from '../program/kernel'
import { size, term, type Lowering } from './lowering'
import { literal, read, write } from './templates'

interface Product {
  readonly name: string
  /** The result is [m, n]; k is summed over. */
  readonly m: number
  readonly n: number
  readonly k: number
  /** a is stored [k, m] instead of [m, k]. */
  readonly transA: boolean
  /** b is stored [n, k] instead of [k, n]. */
  readonly transB: boolean
  readonly alpha: number
  readonly addend: 'none' | 'row' | 'matrix'
}

/** Numbers along k that a workgroup holds at once. */
const STEP = 16
/** A thread makes a square of so many results. */
const BLOCK = 4

/** Copies a part of a matrix into workgroup memory as [STEP][tile], zeros beyond its edges. Neighbours read neighbours. */
function loadTile(name: 'a' | 'b', corner: string, { m, n, k, transA, transB }: Product, tile: number): string {
  const [rows, outerFirst] = name === 'a' ? [m, !transA] : [n, transB]
  const threads = (tile / BLOCK) ** 2
  const [inner, outer] = outerFirst ? [`t % ${STEP}u`, `t / ${STEP}u`] : [`t / ${tile}u`, `t % ${tile}u`]
  const index = outerFirst ? `row * ${k}u + step` : `step * ${rows}u + row`
  return `
    for (var t = lane; t < ${STEP * tile}u; t += ${threads}u) {
      let inner = ${inner};
      let outer = ${outer};
      let step = k0 + inner;
      let row = ${corner} + outer;
      var value = 0.0f;
      if (step < ${k}u && row < ${rows}u) { value = ${name}(${index}); }
      tile_${name}[inner * ${tile}u + outer] = value;
    }`
}

const quad = (array: string, at: string): string =>
  `vec4<f32>(${[0, 1, 2, 3].map((c) => `${array}[${at} + ${c}u]`).join(', ')})`

/** The matrix product of every linear layer: tiles in workgroup memory, a 4 × 4 block of results a thread. */
function productKernel(p: Product): Kernel {
  const tile = Math.min(p.m, p.n) > 32 ? 64 : 32
  const side = tile / BLOCK
  const addend = { none: '', row: ' + c(column)', matrix: ` + c(row * ${p.n}u + column)` }[p.addend]
  const rows = [0, 1, 2, 3]
  const body = `
    let row0 = group.y * ${tile}u;
    let column0 = group.x * ${tile}u;
    let my_row = lane / ${side}u * ${BLOCK}u;
    let my_column = lane % ${side}u * ${BLOCK}u;
    ${rows.map((r) => `var sum${r} = vec4<f32>(0.0f);`).join(' ')}
    for (var k0 = 0u; k0 < ${p.k}u; k0 += ${STEP}u) {
      ${loadTile('a', 'row0', p, tile)}
      ${loadTile('b', 'column0', p, tile)}
      workgroupBarrier();
      for (var step = 0u; step < ${STEP}u; step++) {
        let left = ${quad('tile_a', `step * ${tile}u + my_row`)};
        let right = ${quad('tile_b', `step * ${tile}u + my_column`)};
        ${rows.map((r) => `sum${r} += left[${r}] * right;`).join(' ')}
      }
      workgroupBarrier();
    }
    ${rows.map((r) => `put_row(row0 + my_row + ${r}u, column0 + my_column, sum${r});`).join('\n')}`
  const putRow = `
fn put_row(row: u32, first: u32, sums: vec4<f32>) {
  if (row >= ${p.m}u) { return; }
  for (var j = 0u; j < ${BLOCK}u; j++) {
    let column = first + j;
    if (column < ${p.n}u) { put_y(row * ${p.n}u + column, ${literal(p.alpha)} * sums[j]${addend}); }
  }
}`
  const memory = ['a', 'b'].map((name) => `var<workgroup> tile_${name}: array<f32, ${STEP * tile}>;`).join('\n')
  return {
    name: p.name,
    operands: [read('a'), read('b'), ...(p.addend === 'none' ? [] : [read('c')]), write('y')],
    threads: side ** 2,
    groups: [Math.ceil(p.n / tile), Math.ceil(p.m / tile), 1],
    declarations: memory + putRow,
    body,
  }
}

function addendOf(inputs: readonly Term[]): Product['addend'] {
  const rank = inputs[2]?.shape.length
  return rank === undefined ? 'none' : rank === 1 ? 'row' : 'matrix'
}

const multiply = (e: Emitter, inputs: readonly Term[], product: Product): readonly Term[] => [
  e.one(productKernel(product), inputs, [product.m, product.n]),
]

export const linear: Lowering<'linear'> = (e, inputs, { alpha }) => {
  const [x, w] = [term(inputs, 0), term(inputs, 1)]
  const sizes = { m: size(x, 0), n: size(w, 0), k: size(x, 1) }
  return multiply(e, inputs, { name: 'linear', ...sizes, transA: false, transB: true, alpha, addend: addendOf(inputs) })
}

export const linearInputGrad: Lowering<'linearInputGrad'> = (e, inputs, { alpha }) => {
  const [dy, w] = [term(inputs, 0), term(inputs, 1)]
  const sizes = { name: 'linearInputGrad', m: size(dy, 0), n: size(w, 1), k: size(dy, 1) }
  return multiply(e, inputs, { ...sizes, transA: false, transB: false, alpha, addend: addendOf(inputs) })
}

export const linearWeightGrad: Lowering<'linearWeightGrad'> = (e, inputs, { alpha }) => {
  const [dy, x] = [term(inputs, 0), term(inputs, 1)]
  const sizes = { name: 'linearWeightGrad', m: size(dy, 1), n: size(x, 1), k: size(dy, 0) }
  return multiply(e, inputs, { ...sizes, transA: true, transB: false, alpha, addend: 'none' })
}
