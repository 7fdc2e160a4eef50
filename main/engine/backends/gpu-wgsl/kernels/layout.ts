import { elements, type Shape } from '../../../graph'
import type { Emitter, Term } from '../program/emitter'
import { size, term, type Lowering } from './lowering'
import { flatKernel, read, write } from './templates'

const resized = (shape: Shape, axis: number, length: number): number[] => shape.map((n, i) => (i === axis ? length : n))

/** Statements that leave an element's place along `axis` in `at`, what lies before it in `outer` and behind it in `inner`. */
function places(shape: Shape, axis: number): string {
  const inner = elements(shape.slice(axis + 1))
  const length = shape[axis] ?? 1
  return `
    let inner = i % ${inner}u;
    let at = i / ${inner}u % ${length}u;
    let outer = i / ${inner * length}u;`
}

/** WGSL of an index into a tensor of `shape`, from `outer`, `inner` and a place along the axis. */
const indexOf = (shape: Shape, axis: number, place: string): string =>
  `(outer * ${shape[axis] ?? 1}u + ${place}) * ${elements(shape.slice(axis + 1))}u + inner`

export const slice: Lowering<'slice'> = (e, inputs, { axis, from, to }) => {
  const x = term(inputs, 0)
  const shape = resized(x.shape, axis, to - from)
  const body = `${places(shape, axis)}
    put_y(i, x(${indexOf(x.shape, axis, `at + ${from}u`)}));`
  return [e.one(flatKernel({ name: 'slice', operands: [read('x'), write('y')], body }, elements(shape)), inputs, shape)]
}

export const pad: Lowering<'pad'> = (e, inputs, { axis, before, after }) => {
  const x = term(inputs, 0)
  const length = x.shape[axis] ?? 1
  const shape = resized(x.shape, axis, before + length + after)
  const body = `${places(shape, axis)}
    if (at < ${before}u || at >= ${before + length}u) { put_y(i, 0.0f); return; }
    put_y(i, x(${indexOf(x.shape, axis, `at - ${before}u`)}));`
  return [e.one(flatKernel({ name: 'pad', operands: [read('x'), write('y')], body }, elements(shape)), inputs, shape)]
}

function joinTwo(e: Emitter, a: Term, b: Term, axis: number): Term {
  const first = a.shape[axis] ?? 1
  const shape = resized(a.shape, axis, first + (b.shape[axis] ?? 1))
  const body = `${places(shape, axis)}
    if (at < ${first}u) { put_y(i, a(${indexOf(a.shape, axis, 'at')})); return; }
    put_y(i, b(${indexOf(b.shape, axis, `at - ${first}u`)}));`
  const operands = [read('a'), read('b'), write('y')]
  return e.one(flatKernel({ name: 'concat', operands, body }, elements(shape)), [a, b], shape)
}

/** Two at a time, since a device may bind no more than 8 buffers: halves first, so that nothing is copied often. */
export const concat: Lowering<'concat'> = (e, inputs, { axis }) => {
  const join = (parts: readonly Term[]): Term => {
    const middle = Math.ceil(parts.length / 2)
    return parts.length === 1
      ? term(parts, 0)
      : joinTwo(e, join(parts.slice(0, middle)), join(parts.slice(middle)), axis)
  }
  return [join(inputs)]
}

export const prepend: Lowering<'prepend'> = (e, inputs, { batch }) => {
  const [x, rows] = [term(inputs, 0), term(inputs, 1)]
  const [front, each] = [elements(rows.shape), elements(x.shape) / batch]
  const shape = [size(x, 0) + batch * size(rows, 0), size(x, 1)]
  const body = `
    let sequence = i / ${front + each}u;
    let place = i % ${front + each}u;
    if (place < ${front}u) { put_y(i, rows(place)); return; }
    put_y(i, x(sequence * ${each}u + place - ${front}u));`
  const operands = [read('x'), read('rows'), write('y')]
  return [e.one(flatKernel({ name: 'prepend', operands, body }, elements(shape)), inputs, shape)]
}

export const prependGrad: Lowering<'prependGrad'> = (e, inputs, { batch, rows }) => {
  const dy = term(inputs, 0)
  const width = size(dy, 1)
  const [front, each] = [rows * width, elements(dy.shape) / batch]
  const behind = each - front
  const shape = [size(dy, 0) - batch * rows, width]
  const dxBody = `put_dx(i, dy(i / ${behind}u * ${each}u + ${front}u + i % ${behind}u));`
  const dxKernel = { name: 'prependInputGrad', operands: [read('dy'), write('dx')], body: dxBody }
  const sumBody = `
    var sum = 0.0f;
    for (var b = 0u; b < ${batch}u; b++) { sum += dy(b * ${each}u + i); }
    put_y(i, sum);`
  const sumKernel = { name: 'prependRowsGrad', operands: [read('dy'), write('y')], body: sumBody }
  return [
    e.one(flatKernel(dxKernel, elements(shape)), inputs, shape),
    e.one(flatKernel(sumKernel, front), inputs, [rows, width]),
  ]
}

export const replaceRows: Lowering<'replaceRows'> = (e, inputs) => {
  const [x, table] = [term(inputs, 0), term(inputs, 2)]
  const [width, rows] = [size(x, 1), size(table, 0)]
  const body = `
    let place = places(i / ${width}u);
    if (place < ${rows}) { put_y(i, table(u32(max(place, 0)) * ${width}u + i % ${width}u)); return; }
    put_y(i, x(i));`
  const operands = [read('x'), read('places', 'i32'), read('table'), write('y')]
  return [e.one(flatKernel({ name: 'replaceRows', operands, body }, elements(x.shape)), inputs, x.shape)]
}

export const replaceRowsGrad: Lowering<'replaceRowsGrad'> = (e, inputs, { rows }) => {
  const dy = term(inputs, 0)
  const [count, width] = [size(dy, 0), size(dy, 1)]
  const dxBody = `put_dx(i, select(dy(i), 0.0f, places(i / ${width}u) < ${rows}));`
  const operands = [read('dy'), read('places', 'i32')]
  const dxKernel = { name: 'replaceRowsInputGrad', operands: [...operands, write('dx')], body: dxBody }
  const sumBody = `
    var sum = 0.0f;
    for (var n = 0u; n < ${count}u; n++) {
      if (places(n) == i32(i / ${width}u)) { sum += dy(n * ${width}u + i % ${width}u); }
    }
    put_y(i, sum);`
  const sumKernel = { name: 'replaceRowsTableGrad', operands: [...operands, write('y')], body: sumBody }
  return [
    e.one(flatKernel(dxKernel, elements(dy.shape)), inputs, dy.shape),
    e.one(flatKernel(sumKernel, rows * width), inputs, [rows, width]),
  ]
}
