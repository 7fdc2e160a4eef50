import { GraftError } from '../../../engine/errors'
import { createGraphBuilder } from '../../../engine/graph'
import type { Backend, Plan, Slot } from '../../../engine/plan'
import { createRng } from '../../../engine/rng'

/** y = x wᵀ, of the size of a small model's: [rows, inner] × [outer, inner]ᵀ. */
const [ROWS, INNER, OUTER] = [512, 1024, 1024] as const
const FLOPS = 2 * ROWS * INNER * OUTER
/** Long enough for a processor to reach its speed, short enough to wait for. */
const MEASURED_MS = 600
/** Of sums of 1024 products in float32, in any order. */
const TOLERANCE = 1e-4

function productPlan(): Plan {
  const builder = createGraphBuilder()
  const [x, w] = [builder.input('x', [ROWS, INNER]), builder.input('w', [OUTER, INNER])]
  builder.output('y', builder.one('linear', [x, w], { alpha: 1 }))
  const slot = (name: string, shape: readonly number[], role: Slot['role']): [string, Slot] => [
    name,
    { name, shape, dtype: 'f32', role },
  ]
  return {
    title: 'self-test',
    slots: new Map([
      slot('x', [ROWS, INNER], 'batch'),
      slot('w', [OUTER, INNER], 'frozen'),
      slot('y', [ROWS, OUTER], 'activation'),
    ]),
    segments: new Map([['product', { key: 'product', label: 'product', graph: builder.graph() }]]),
    phases: {
      forward: [
        {
          do: 'run',
          segment: 'product',
          inputs: { x: { slot: 'x' }, w: { slot: 'w' } },
          outputs: { y: { slot: 'y' } },
          note: '',
        },
      ],
    },
  }
}

function randomValues(count: number, seed: number): Float32Array {
  const rng = createRng(seed)
  return Float32Array.from({ length: count }, () => 2 * rng.next() - 1)
}

/** Compares one column in every row with sums made here. */
function check(x: Float32Array, w: Float32Array, y: Float32Array): void {
  for (let row = 0; row < ROWS; row++) {
    const column = (row * 7) % OUTER
    let sum = 0
    for (let i = 0; i < INNER; i++) sum += (x[row * INNER + i] as number) * (w[column * INNER + i] as number)
    const got = y[row * OUTER + column] as number
    if (Math.abs(got - sum) <= TOLERANCE * Math.sqrt(INNER)) continue
    const message = `self-test: expected ${sum} in row ${row} of a product, got ${got}; this processor or library computes wrongly`
    throw new GraftError('unsupported', message, { row, column })
  }
}

/**
 * Has a back end multiply two matrices, checks the product, and measures how fast it does so.
 * @param clock milliseconds
 * @returns floating-point operations per second
 * @throws GraftError `unsupported` for a wrong product; whatever the back end throws
 */
export async function testBackend(backend: Backend, threads: number, clock: () => number): Promise<number> {
  const plan = productPlan()
  const executor = await backend.open({ threads })
  try {
    await executor.prepare([plan])
    const [x, w] = [randomValues(ROWS * INNER, 1), randomValues(OUTER * INNER, 2)]
    await executor.upload('x', x.slice())
    await executor.upload('w', w.slice())
    await executor.run(plan, 'forward')
    check(x, w, await executor.read('y'))
    const start = clock()
    let count = 0
    for (; clock() - start < MEASURED_MS; count++) await executor.run(plan, 'forward')
    return (count * FLOPS) / ((clock() - start) / 1000)
  } finally {
    await executor.dispose()
  }
}
