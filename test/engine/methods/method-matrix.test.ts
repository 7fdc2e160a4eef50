import { beforeAll, describe, expect, test } from 'vitest'
import { exportMergedHf, exportPeft } from '../../../main/engine/export'
import { disabled, findMethod, loadPeftAdapter } from '../../../main/engine/methods'
import type { AppliedMethod, ParameterValues, ReadTensor } from '../../../main/engine/nn'
import type { FileSource } from '../../../main/engine/tensor'
import { card, memoryTarget } from '../export/targets'
import {
  applyMethod,
  evaluationOf,
  largestDifference,
  openGolden,
  openModel,
  plainLogits,
  trainedTensors,
  withSession,
  type Session,
  type SmallModel,
} from './small-session'

/** What a method promises. A new method is one more row. */
interface Row {
  readonly name: string
  readonly id: string
  readonly values?: ParameterValues
  /** Trainable parameters on the golden Llama, worked out by hand. */
  readonly trainable: number
  /** Largest difference of the logits between the base model and the untrained method; absent: no promise. */
  readonly untouchedAtStart?: number
  /** The base model's own weights never change. */
  readonly frozenBase: boolean
  readonly merges: boolean
  readonly random: boolean
}

// The golden Llama: 2 layers, hidden 64, 4 heads and 2 key/value heads of 16, feed-forward 176, vocabulary 320, untied.
const ends = { q: 64 + 64, k: 64 + 32, v: 64 + 32, o: 64 + 64, gate: 64 + 176, up: 64 + 176, down: 176 + 64 }
const allLinear = Object.values(ends).reduce((sum, n) => sum + n, 0)
const matrices = 2 * 64 * 64 + 2 * 32 * 64 + 3 * 176 * 64

const adapter = { frozenBase: true, untouchedAtStart: 0, merges: true, random: false } as const
const rows: readonly Row[] = [
  { ...adapter, name: 'LoRA', id: 'lora', trainable: 2 * 8 * allLinear },
  { ...adapter, name: 'rsLoRA', id: 'lora', values: { rslora: true, r: 4 }, trainable: 2 * 4 * allLinear },
  {
    ...adapter,
    name: 'LoRA on queries and values',
    id: 'lora',
    values: { targets: 'q_proj, v_proj' },
    trainable: 2 * 8 * (ends.q + ends.v),
  },
  {
    ...adapter,
    name: 'LoRA on one matrix',
    id: 'lora',
    values: { targets: 'model.layers.1.mlp.down_proj', r: 3 },
    trainable: 3 * ends.down,
  },
  {
    ...adapter,
    name: 'LoRA with dropout',
    id: 'lora',
    values: { dropout: 0.1 },
    trainable: 2 * 8 * allLinear,
    random: true,
  },
  {
    name: 'full fine-tuning',
    id: 'full',
    trainable: 2 * 320 * 64 + 2 * (matrices + 2 * 64) + 64,
    untouchedAtStart: 0,
    frozenBase: false,
    merges: true,
    random: false,
  },
]

let small: SmallModel
let base: Float32Array
beforeAll(async () => {
  small = await openGolden('llama')
  base = await plainLogits(small)
})

const applied = ({ id, values = {} }: Row): AppliedMethod => applyMethod(small, id, values)
const run = <T>(row: Row, use: (session: Session) => Promise<T>): Promise<T> => withSession(small, applied(row), use)

/** Three steps, then what was trained and what the model then answers. */
function trained(row: Row, seed = 0): Promise<{ read: ReadTensor; logits: Float32Array }> {
  return run(row, async (session) => {
    await session.train(3, seed)
    return { logits: await session.logits(), read: await trainedTensors(session) }
  })
}

async function mergedFolder(method: AppliedMethod, read: ReadTensor): Promise<FileSource> {
  const { model, checkpoint, json, files } = small
  const target = memoryTarget()
  await exportMergedHf({
    model,
    checkpoint,
    config: json,
    files,
    method,
    read,
    dtype: 'base',
    stopIds: [],
    card,
    target,
  })
  return target.source()
}

async function allEqual(names: readonly string[], a: ReadTensor, b: ReadTensor): Promise<boolean> {
  for (const name of names) if (Buffer.compare(bytes(await a(name)), bytes(await b(name))) !== 0) return false
  return true
}
const bytes = (values: Float32Array): Uint8Array => new Uint8Array(values.slice().buffer)

describe.each(rows)('$name', (row) => {
  test('trains as many parameters as its formula says', () => {
    const count = applied(row).trainable.reduce((sum, { shape }) => sum + shape.reduce((n, size) => n * size, 1), 0)
    expect(count).toBe(row.trainable)
    expect(findMethod(row.id).countTrainable(small.model, row.values ?? {})).toBe(row.trainable)
  })

  test('training moves every trainable tensor and the answers', async () => {
    await run(row, async (session) => {
      const names = session.method.trainable.map(({ name }) => name)
      const before = await trainedTensors(session)
      await session.train(3)
      for (const name of names)
        expect(largestDifference(await session.read(name), await before(name))).toBeGreaterThan(0)
      expect(largestDifference(await session.logits(), base)).toBeGreaterThan(1e-3)
    })
  })

  test('saved and loaded, it answers the same', async () => {
    const { read, logits } = await trained(row)
    const method = applied(row)
    if (!method.adapter) {
      expect(await plainLogits(await openModel(await mergedFolder(method, read)))).toEqual(logits)
      return
    }
    const target = memoryTarget()
    await exportPeft({ method, read, card, target })
    const loaded = await loadPeftAdapter(target.source(), small.model)
    const again = await withSession(small, loaded.method, async (session) => {
      for (const { name } of loaded.method.trainable) await session.executor.upload(name, await loaded.read(name))
      return session.logits()
    })
    expect(again).toEqual(logits)
  })

  test('the same seed trains the same bytes', async () => {
    const names = applied(row).trainable.map(({ name }) => name)
    const [first, second] = [await trained(row, 5), await trained(row, 5)]
    expect(await allEqual(names, first.read, second.read)).toBe(true)
  })
})

describe.each(rows.filter(({ untouchedAtStart }) => untouchedAtStart !== undefined))('$name', (row) => {
  test('starts at the base model', async () => {
    const start = await run(row, (session) => session.logits())
    expect(largestDifference(start, base)).toBeLessThanOrEqual(row.untouchedAtStart as number)
  })
})

describe.each(rows.filter(({ frozenBase }) => frozenBase))('$name', (row) => {
  test('leaves the base model byte for byte as it was; switched off it is gone, and switched on again it is back', async () => {
    await run(row, async (session) => {
      const off = evaluationOf(small.model, disabled(session.method))
      await session.executor.prepare([off])
      await session.train(3)
      const names = small.model.weights.map(({ name }) => name)
      expect(await allEqual(names, session.read, (name) => small.checkpoint.readFloat32(name))).toBe(true)
      const on = await session.logits()
      expect(await session.logits(off)).toEqual(base)
      expect(on).not.toEqual(base)
      expect(await session.logits()).toEqual(on)
    })
  })
})

describe.each(rows.filter(({ merges }) => merges))('$name', (row) => {
  test('merged, it answers the same', async () => {
    const { read, logits } = await trained(row)
    const merged = await plainLogits(await openModel(await mergedFolder(applied(row), read)))
    expect(largestDifference(merged, logits)).toBeLessThan(1e-4)
  })
})

describe.each(rows.filter(({ random }) => random))('$name', (row) => {
  test('another seed draws other masks', async () => {
    const names = applied(row).trainable.map(({ name }) => name)
    const [first, second] = [await trained(row, 5), await trained(row, 6)]
    expect(await allEqual(names, first.read, second.read)).toBe(false)
  })

  test('draws nothing when it is evaluated', async () => {
    const { read, logits } = await trained(row)
    const calm = applyMethod(small, row.id, { ...row.values, dropout: 0 })
    const without = await withSession(small, calm, async (session) => {
      for (const { name } of calm.trainable) await session.executor.upload(name, await read(name))
      return session.logits()
    })
    expect(without).toEqual(logits)
  })
})

test('without dropout the seed of a step changes nothing', async () => {
  const row = rows[0] as Row
  const names = applied(row).trainable.map(({ name }) => name)
  const [first, second] = [await trained(row, 5), await trained(row, 6)]
  expect(await allEqual(names, first.read, second.read)).toBe(true)
})
