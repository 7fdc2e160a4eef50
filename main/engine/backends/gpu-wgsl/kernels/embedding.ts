import { elements } from '../../../graph'
import { size, term, type Lowering } from './lowering'
import { flatKernel, grid, literal, read, write } from './templates'

const times = (factor: number): string => (factor === 1 ? '' : `${literal(factor)} * `)

/** A kernel cannot refuse: an id that the table has no row for reads its last row. Who feeds the batch must check. */
export const embedding: Lowering<'embedding'> = (e, inputs, { factor = 1 }) => {
  const [ids, table] = [term(inputs, 0), term(inputs, 1)]
  const width = size(table, 1)
  const shape = [elements(ids.shape), width]
  const body = `
    let id = min(u32(ids(i / ${width}u)), ${size(table, 0) - 1}u);
    put_y(i, ${times(factor)}table(id * ${width}u + i % ${width}u));`
  const operands = [read('ids', 'i32'), read('table'), write('y')]
  return [e.one(flatKernel({ name: 'embedding', operands, body }, elements(shape)), inputs, shape)]
}

const THREADS = 256

/**
 * A workgroup for each row of the table collects the tokens that looked it up, in their order: no atomics, so that sums
 * are always the same. Most rows find none and are done after one look at the ids.
 */
export const embeddingGrad: Lowering<'embeddingGrad'> = (e, inputs, { rows, factor = 1 }) => {
  const dy = term(inputs, 0)
  const [tokens, width] = [size(dy, 0), size(dy, 1)]
  const { groups, index } = grid(rows)
  const columns = Array.from({ length: Math.ceil(width / THREADS) }, (_, t) => t)
  const each = (body: (t: number) => string): string =>
    columns.map((t) => `{ let c = lane + ${t * THREADS}u; if (c < ${width}u) { ${body(t)} } }`).join('\n')
  const declarations = `
var<workgroup> found: atomic<u32>;
var<workgroup> finds: array<u32, ${THREADS}>;`
  const body = `
    let row = ${index};
    if (row >= ${rows}u) { return; }
    ${columns.map((t) => `var sum${t} = 0.0f;`).join(' ')}
    for (var start = 0u; start < ${tokens}u; start += ${THREADS}u) {
      let token = start + lane;
      finds[lane] = 0u;
      if (lane == 0u) { atomicStore(&found, 0u); }
      workgroupBarrier();
      if (token < ${tokens}u && u32(ids(token)) == row) { finds[lane] = 1u; atomicStore(&found, 1u); }
      workgroupBarrier();
      if (atomicLoad(&found) == 1u) {
        for (var j = 0u; j < ${THREADS}u; j++) {
          if (finds[j] == 1u) { ${each((t) => `sum${t} += dy((start + j) * ${width}u + c);`)} }
        }
      }
      workgroupBarrier();
    }
    ${each((t) => `put_y(row * ${width}u + c, ${times(factor)}sum${t});`)}`
  const operands = [read('dy'), read('ids', 'i32'), write('y')]
  return [
    e.one({ name: 'embeddingGrad', operands, threads: THREADS, groups, declarations, body }, inputs, [rows, width]),
  ]
}
