import { describe, expect, it, onTestFinished } from 'vitest'
import { kernels } from '../../../main/engine/backends/reference'
import type { Backend, Executor, Plan } from '../../../main/engine/plan'
import { createRng } from '../../../main/engine/rng'
import { quantisedContract } from './quantised-contract'
import { crossingPlan, smallPlan } from './small-plan'

const numbers = (size: number, seed: number): Float32Array => {
  const rng = createRng(seed)
  return Float32Array.from({ length: size }, () => rng.normal())
}

const x = numbers(12, 1)
const labels = Int32Array.of(2, -100, 0, 4)
const weight = Float32Array.of(0.5, 1, 0.25, 0.25)
const table = numbers(15, 2)
const bias = numbers(3, 3)

async function open(backend: Backend, plans: readonly Plan[]): Promise<Executor> {
  const executor = await backend.open({ threads: 1 })
  onTestFinished(() => executor.dispose())
  await executor.prepare(plans)
  await executor.upload('table', table)
  await executor.upload('bias', bias)
  await executor.upload('scale', Float32Array.of(1))
  return executor
}

async function uploadRows(executor: Executor, from: number, to: number): Promise<void> {
  await executor.upload('x', x.slice(from * 3, to * 3))
  await executor.upload('labels', labels.slice(from, to))
  await executor.upload('weight', weight.slice(from, to))
}

async function gradients(executor: Executor, plan: Plan): Promise<void> {
  await executor.run(plan, 'forward')
  await executor.run(plan, 'backward')
}

/** What the four rows give when the kernels are called by hand, all rows at once. */
function expected() {
  const h = Float64Array.from(x, (value, i) => value + bias[i % 3]!)
  const wide = (shape: number[], data: ArrayLike<number>) => ({ shape, data: Float64Array.from(data) })
  const inputs = [wide([4, 3], h), wide([5, 3], table), { shape: [4], data: labels }, wide([4], weight)] as const
  const seeded = [wide([1], [1]), ...inputs] as const
  const spare = wide([1], [0])
  const [loss] = kernels.lossHead([...inputs, spare, spare, spare], {})
  const [dTable] = kernels.lossHeadTableGrad([...seeded, spare, spare], {})
  const [dh] = kernels.lossHeadInputGrad([...seeded, spare, spare], {})
  const [dBias] = kernels.sumTo([wide([4, 3], dh!), spare, spare, spare, spare, spare, spare], { shape: [3] })
  return { loss: loss![0]!, dTable: dTable!, dBias: dBias! }
}

function expectAllClose(actual: Float32Array, wanted: ArrayLike<number>): void {
  expect(actual.length).toBe(wanted.length)
  actual.forEach((value, i) => expect(value).toBeCloseTo(wanted[i]!, 6))
}

/** What every executor does with plans, whatever runs them. */
export function executorContract(backend: Backend): void {
  runningSegments(backend)
  theUpdate(backend)
  quantisedContract(backend)
  mistakes(backend)
}

function runningSegments(backend: Backend): void {
  const opened = (...plans: readonly Plan[]): Promise<Executor> => open(backend, plans)
  describe('running segments', () => {
    it('chunks of rows add up to all rows at once', async () => {
      const plan = smallPlan({ rows: 4 })
      const executor = await opened(plan)
      await uploadRows(executor, 0, 4)
      await executor.run(plan, 'begin')
      await gradients(executor, plan)
      const { loss, dTable, dBias } = expected()
      expectAllClose(await executor.read('loss'), [loss])
      expectAllClose(await executor.read('table.grad'), dTable)
      expectAllClose(await executor.read('bias.grad'), dBias)
    })

    it('micro-batches add up, also over plans of different sizes, until begin clears the sums', async () => {
      const [large, small] = [smallPlan({ rows: 4 }), smallPlan({ rows: 2 })]
      const executor = await opened(small, large)
      await executor.run(small, 'begin')
      for (const from of [0, 2]) {
        await uploadRows(executor, from, from + 2)
        await gradients(executor, small)
      }
      expectAllClose(await executor.read('table.grad'), expected().dTable)
      expect((await executor.read('h')).length).toBe(6)
      await uploadRows(executor, 0, 4)
      await gradients(executor, large)
      expectAllClose(
        await executor.read('table.grad'),
        expected().dTable.map((value) => 2 * value),
      )
      expect((await executor.read('h')).length).toBe(12)
      await executor.run(large, 'begin')
      expect(await executor.read('table.grad')).toEqual(new Float32Array(15))
    })

    it('a row may be given when it runs, for reading and for writing', async () => {
      const plan = smallPlan({ rows: 4 })
      const executor = await opened(plan)
      await uploadRows(executor, 0, 4)
      await executor.run(plan, 'logits', { from: 3, to: 1 })
      const cache = await executor.read('cache')
      expectAllClose(
        cache.slice(3, 6),
        x.slice(9, 12).map((value, i) => value + bias[i]!),
      )
      expect([...cache.slice(0, 3), ...cache.slice(6)]).toEqual(new Array<number>(9).fill(0))
    })

    it('an action may write to the slots that it reads: everything is read before', async () => {
      const plan = crossingPlan()
      const executor = await backend.open({ threads: 1 })
      onTestFinished(() => executor.dispose())
      await executor.prepare([plan])
      await executor.upload('left', Float32Array.of(1, 2, 3))
      await executor.upload('right', Float32Array.of(10, 20, 30))
      await executor.upload('sum', Float32Array.of(0, 0, 5))
      await executor.run(plan, 'forward')
      expect([...(await executor.read('left'))]).toEqual([10, 20, 30])
      expect([...(await executor.read('right'))]).toEqual([1, 2, 3])
      expect([...(await executor.read('sum'))]).toEqual([11, 22, 43])
    })

    it('later plans leave weights, moments and what was read alone', async () => {
      const plan = smallPlan({ rows: 2 })
      const executor = await opened(plan)
      const before = await executor.read('table')
      const progress: [number, number][] = []
      await executor.prepare([smallPlan({ rows: 6 }), smallPlan({ rows: 8 })], (...p) => progress.push(p))
      expect(progress).toEqual([
        [1, 2],
        [2, 2],
      ])
      expect(await executor.read('table')).toEqual(before)
      await executor.upload('table', new Float32Array(15))
      expect(before).toEqual(table)
    })
  })
}

function theUpdate(backend: Backend): void {
  const opened = (...plans: readonly Plan[]): Promise<Executor> => open(backend, plans)
  describe('the update', () => {
    /** torch's AdamW, written out for one parameter over several steps with one gradient. */
    function adamwByHand(p0: number, g: number, decay: number, steps: number, rate: number): number {
      let [p, m, v] = [p0, 0, 0]
      for (let t = 1; t <= steps; t++) {
        p -= rate * decay * p
        m = 0.9 * m + 0.1 * g
        v = 0.95 * v + 0.05 * g * g
        p -= (rate * (m / (1 - 0.9 ** t))) / (Math.sqrt(v / (1 - 0.95 ** t)) + 1e-8)
      }
      return p
    }

    const norm = (...parts: readonly ArrayLike<number>[]): number =>
      Math.hypot(...parts.flatMap((part) => Array.from(part)))

    it.each([
      ['no clipping', 0],
      ['a bound that is not reached', 100],
      ['a bound that is', 0.05],
    ])('clips by the norm over all gradients, then steps; only the table decays: %s', async (_, maximum) => {
      const plan = smallPlan({ rows: 4, maximum })
      const executor = await opened(plan)
      await uploadRows(executor, 0, 4)
      await executor.run(plan, 'begin')
      await gradients(executor, plan)
      const { dTable, dBias } = expected()
      const total = norm(dTable, dBias)
      const factor = maximum === 0.05 ? 0.05 / (total + 1e-6) : 1
      await executor.run(plan, 'update', { learningRate: 0.01, step: 1 })
      expectAllClose(await executor.read('norm'), [total])
      expectAllClose(
        await executor.read('table.grad'),
        dTable.map((g) => g * factor),
      )
      const step = (p: ArrayLike<number>, g: Float64Array, decay: number): Float64Array =>
        g.map((value, i) => adamwByHand(p[i]!, value * factor, decay, 1, 0.01))
      expectAllClose(await executor.read('table'), step(table, dTable, 0.1))
      expectAllClose(await executor.read('bias'), step(bias, dBias, 0))
    })

    it('carries the moments from step to step', async () => {
      const plan = smallPlan({ rows: 4 })
      const executor = await opened(plan)
      await executor.upload('bias.grad', Float32Array.of(0.5, -2, 0))
      for (const step of [1, 2, 3]) await executor.run(plan, 'update', { learningRate: 0.1, step })
      const wanted = [0.5, -2, 0].map((g, i) => adamwByHand(bias[i]!, g, 0, 3, 0.1))
      expectAllClose(await executor.read('bias'), wanted)
    })

    it('takes a multiple of the learning rate for a parameter that asks for it, decay included', async () => {
      const plan = smallPlan({ rows: 4, tableRate: 16 })
      const executor = await opened(plan)
      const gradient = numbers(15, 8)
      await executor.upload('table.grad', gradient.slice())
      await executor.upload('bias.grad', Float32Array.of(0.5, -2, 0))
      await executor.run(plan, 'update', { learningRate: 0.01, step: 1 })
      const wanted = Array.from(gradient, (g, i) => adamwByHand(table[i]!, g, 0.1, 1, 0.16))
      expectAllClose(await executor.read('table'), wanted)
      const usual = [0.5, -2, 0].map((g, i) => adamwByHand(bias[i]!, g, 0, 1, 0.01))
      expectAllClose(await executor.read('bias'), usual)
    })

    it.each([NaN, Infinity])('is skipped where a gradient is %d', async (broken) => {
      const plan = smallPlan({ rows: 4, maximum: 1 })
      const executor = await opened(plan)
      await executor.upload('bias.grad', Float32Array.of(0, broken, 0))
      await executor.run(plan, 'update', { learningRate: 0.1, step: 1 })
      expect(await executor.read('norm')).toEqual(Float32Array.of(broken))
      expect(await executor.read('table')).toEqual(table)
      expect(await executor.read('bias.m')).toEqual(new Float32Array(3))
    })

    it('steps again and again until the labels are learnt', async () => {
      const plan = smallPlan({ rows: 4, maximum: 1 })
      const executor = await opened(plan)
      await uploadRows(executor, 0, 4)
      for (let step = 1; step <= 150; step++) {
        await executor.run(plan, 'begin')
        await gradients(executor, plan)
        await executor.run(plan, 'update', { learningRate: 0.1, step })
      }
      expect((await executor.read('loss'))[0]).toBeLessThan(0.05)
    })
  })
}

function mistakes(backend: Backend): void {
  const opened = (...plans: readonly Plan[]): Promise<Executor> => open(backend, plans)
  describe('mistakes', () => {
    const plan = smallPlan({ rows: 4 })
    const refuses = async (act: (executor: Executor) => Promise<unknown>, message: RegExp): Promise<void> => {
      const executor = await opened(plan)
      await expect(act(executor)).rejects.toThrow(message)
    }

    it.each<[string, (executor: Executor) => Promise<unknown>, RegExp]>([
      ['an unknown slot', (e) => e.upload('nowhere', x), /slot nowhere: expected a slot of a prepared plan/],
      ['a slot of another size', (e) => e.upload('table', x), /slot table: expected 15 numbers, got 12/],
      ['numbers of another type', (e) => e.upload('labels', weight), /slot labels: expected i32, got Float32Array/],
      ['reading an unknown slot', (e) => e.read('nowhere'), /slot nowhere: expected a slot of a prepared plan/],
      ['an unprepared plan', (e) => e.run(smallPlan({ rows: 2 }), 'begin'), /"small, 2 rows"; prepare it/],
      ['a list that the plan has not', (e) => e.run(plan, 'evaluate'), /expected a list "evaluate", got none/],
      ['an update without its parameters', (e) => e.run(plan, 'update', { step: 1 }), /run parameter learningRate/],
      [
        'a row that is not given',
        (e) => e.run(plan, 'logits', { from: 0 }),
        /slot cache: expected the run parameter to/,
      ],
      [
        'a row that is not there',
        (e) => e.run(plan, 'logits', { from: 4, to: 0 }),
        /slot x: expected rows within 0 to 3/,
      ],
    ])('%s', (_, act, message) => refuses(act, message))

    it('an executor that was disposed of holds nothing', async () => {
      const executor = await opened(plan)
      await executor.dispose()
      await expect(executor.run(plan, 'begin')).rejects.toThrow(/expected a prepared plan/)
    })
  })
}
