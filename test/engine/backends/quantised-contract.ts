import { describe, expect, it, onTestFinished } from 'vitest'
import { createGraphBuilder, type Graph } from '../../../main/engine/graph'
import type { Action, Backend, Executor, Plan, Slot } from '../../../main/engine/plan'
import { createRng } from '../../../main/engine/rng'
import { dequantiseFourBit, quantiseFourBit, type FourBitStorage } from '../../../main/engine/tensor'

const WIDTH = 10
const weights = ['a', 'b', 'c']
const plain: FourBitStorage = { type: 'nf4', blockSize: 32, doubleQuantised: false, compute: 'f32' }
const storages: readonly FourBitStorage[] = [
  plain,
  { ...plain, doubleQuantised: true },
  { ...plain, type: 'fp4' },
  { ...plain, compute: 'bf16' },
]

const numbers = (size: number, seed: number): Float32Array => {
  const rng = createRng(seed)
  return Float32Array.from({ length: size }, () => rng.normal())
}

/** y = x wᵀ vᵀ */
function twoLinears(): Graph {
  const g = createGraphBuilder()
  const [x, w, v] = [g.input('x', [2, WIDTH]), g.input('w', [WIDTH, WIDTH]), g.input('v', [WIDTH, WIDTH])]
  g.output('y', g.one('linear', [g.one('linear', [x, w], { alpha: 1 }), v], { alpha: 1 }))
  return g.graph()
}

/** x through the weights a and b, then through b and c: both actions share where weights are dequantised. */
function pairPlan(storage: FourBitStorage | undefined): Plan {
  const slot = (name: string, role: Slot['role'], rows: number): Slot => ({
    name,
    role,
    shape: [rows, WIDTH],
    dtype: 'f32',
  })
  const frozen = weights.map((name) => ({ ...slot(name, 'frozen', WIDTH), ...(storage && { storage }) }))
  const through = (from: string, w: string, v: string, to: string): Action => ({
    do: 'run',
    segment: 'pair',
    inputs: { x: { slot: from }, w: { slot: w }, v: { slot: v } },
    outputs: { y: { slot: to } },
    note: '',
  })
  const all = [slot('x', 'batch', 2), slot('h', 'activation', 2), slot('y', 'activation', 2), ...frozen]
  return {
    title: 'pairs',
    slots: new Map(all.map((each) => [each.name, each])),
    segments: new Map([['pair', { key: 'pair', label: 'pair', graph: twoLinears() }]]),
    phases: { forward: [through('x', 'a', 'b', 'h'), through('h', 'b', 'c', 'y')] },
  }
}

async function open(backend: Backend, plan: Plan): Promise<Executor> {
  const executor = await backend.open({ threads: 1 })
  onTestFinished(() => executor.dispose())
  await executor.prepare([plan])
  await executor.upload('x', numbers(2 * WIDTH, 1))
  return executor
}

async function result(executor: Executor, plan: Plan): Promise<Float32Array> {
  await executor.run(plan, 'forward')
  return Float32Array.from(await executor.read('y'))
}

/** What every executor does with slots in 4 bits. */
export function quantisedContract(backend: Backend): void {
  const packed = (seed: number, storage: FourBitStorage) => quantiseFourBit(numbers(WIDTH * WIDTH, seed), storage)
  const opened = async (storage: FourBitStorage) => {
    const [quantised, ordinary] = [pairPlan(storage), pairPlan(undefined)]
    const [four, full] = [await open(backend, quantised), await open(backend, ordinary)]
    const load = async (name: string, seed: number): Promise<void> => {
      const tensor = packed(seed, storage)
      await four.upload(name, tensor)
      await full.upload(name, dequantiseFourBit(tensor, new Float32Array(tensor.length), storage.compute))
    }
    for (const [i, name] of weights.entries()) await load(name, 2 + i)
    const compare = async (): Promise<void> =>
      expect(await result(four, quantised)).toEqual(await result(full, ordinary))
    return { four, full, load, compare }
  }

  describe.each(storages)('slots in $type, double quantised $doubleQuantised, computed in $compute', (storage) => {
    it('are computed with as the numbers that they stand for, however often', async () => {
      const { four, full, load, compare } = await opened(storage)
      await compare()
      await compare()
      await load('b', 9)
      await compare()
      for (const name of weights)
        expect(Float32Array.from(await four.read(name))).toEqual(Float32Array.from(await full.read(name)))
    })
  })

  it.each([
    [
      'numbers',
      numbers(WIDTH * WIDTH, 5),
      /expected 100 numbers in nf4, blocks of 32, computed in f32, got 100 in float32/,
    ],
    ['another format', packed(5, storages[1]!), /got 100 in nf4, blocks of 32, double quantised/],
    ['another size', quantiseFourBit(numbers(7, 5), plain), /expected 100 numbers .*, got 7 in nf4/],
  ])('a 4-bit slot refuses %s', async (_name, data, message) => {
    const plan = pairPlan(plain)
    const executor = await open(backend, plan)
    const fill = async (): Promise<void> => {
      for (const name of weights) await executor.upload(name, data)
      await executor.run(plan, 'forward')
    }
    await expect(fill()).rejects.toMatchObject({ code: 'shape-mismatch', message: expect.stringMatching(message) })
  })

  it('a float32 slot refuses 4 bits', async () => {
    const plan = pairPlan(undefined)
    const executor = await open(backend, plan)
    const fill = async (): Promise<void> => {
      for (const name of weights) await executor.upload(name, packed(5, plain))
      await executor.run(plan, 'forward')
    }
    await expect(fill()).rejects.toMatchObject({ code: 'shape-mismatch' })
  })
}
