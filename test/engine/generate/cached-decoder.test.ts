import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { capacityFor, CHUNK, createCachedDecoder } from '../../../main/engine/generate/cached-decoder'
import { planTraining } from '../../../main/engine/plan'
import { collate } from '../../../main/engine/text'
import { trainStep } from '../../../main/engine/train/step'
import { createRecomputation, openModel, randomIds, type OpenedModel, type Recomputation } from './open-model'

const CONTEXT = 128
const methods = [
  { id: 'full', values: {} },
  { id: 'lora', values: { r: 4, alpha: 8 } },
]

const largestDifference = (a: Float32Array, b: Float32Array): number =>
  a.reduce((worst, value, i) => Math.max(worst, Math.abs(value - b[i]!)), 0)

/** The prompt by chunks, the rest token by token; the scores after the prompt and after each further token. */
async function cachedLogits(opened: OpenedModel, ids: readonly number[], promptLength: number) {
  const session = await createCachedDecoder(opened).start(ids.length)
  for (let at = 0; at < promptLength; at += CHUNK)
    await session.takeIn(ids.slice(at, Math.min(at + CHUNK, promptLength)), at)
  const logits = [(await session.logits()).slice()]
  for (let at = promptLength; at < ids.length; at++) {
    await session.takeIn([ids[at]!], at)
    logits.push((await session.logits()).slice())
  }
  return logits
}

describe.each(methods)('decoding with a cache, $id', (choice) => {
  let opened: OpenedModel
  let recompute: Recomputation
  beforeAll(async () => {
    opened = await openModel('test/goldens/models/llama', CONTEXT, choice)
    recompute = await createRecomputation(opened)
  })
  afterAll(() => opened.executor.dispose())

  it.each([1, 2, 31, 32, 33, 64, 70, 96, 97, 122, 127])('of a prompt of %i tokens equals computing anew', async (n) => {
    const total = Math.min(n + 6, CONTEXT)
    const ids = randomIds(total, opened.model.config.vocabSize, n)
    const cached = await cachedLogits(opened, ids, n)
    const anew = (await recompute(ids)).slice(n - 1)
    expect(cached).toHaveLength(total - n + 1)
    cached.forEach((logits, i) => expect(largestDifference(logits, anew[i]!)).toBeLessThan(1e-4))
  })

  it('sees nothing of the generation before, whose cache was larger', async () => {
    const ids = randomIds(40, opened.model.config.vocabSize, 1)
    const fresh = await cachedLogits(opened, ids, 35)
    await cachedLogits(opened, randomIds(CONTEXT, opened.model.config.vocabSize, 2), 100)
    expect(await cachedLogits(opened, ids, 35)).toEqual(fresh)
  })
})

describe.each([
  ['models/qwen2', CONTEXT],
  ['models/qwen3', CONTEXT],
  ['models/gemma3', CONTEXT],
  ['models/gpt2', CONTEXT],
  ['families/gemma3-older-fields', 32],
  ['families/gpt2-hub', 32],
  ['families/mistral-window', 32],
  ['families/qwen2-upper-windows', 32],
] as const)('decoding with a cache, %s', (name, context) => {
  it('equals computing anew, by chunks and token by token', async () => {
    const opened = await openModel(`test/goldens/${name}`, context, methods[1])
    const recompute = await createRecomputation(opened)
    const ids = randomIds(context, opened.model.config.vocabSize, 6)
    for (const n of [1, context - 20]) {
      const cached = await cachedLogits(opened, ids.slice(0, n + 12), n)
      const anew = (await recompute(ids)).slice(n - 1)
      cached.forEach((logits, i) => expect(largestDifference(logits, anew[i]!)).toBeLessThan(1e-4))
    }
    await opened.executor.dispose()
  })
})

it('the added tensors of LoRA change what is decoded', async () => {
  const ids = randomIds(40, 320, 3)
  const logits = []
  for (const choice of methods) {
    const opened = await openModel('test/goldens/models/llama', CONTEXT, choice)
    logits.push((await cachedLogits(opened, ids, 39)).at(-1)!)
    await opened.executor.dispose()
  }
  expect(largestDifference(logits[0]!, logits[1]!)).toBeGreaterThan(0.1)
})

it('follows the weights while they are trained', async () => {
  const opened = await openModel('test/goldens/models/llama', CONTEXT, methods[1])
  const { executor, model, method, maxLength } = opened
  const ids = randomIds(40, 320, 5)
  const before = (await cachedLogits(opened, ids, 37)).at(-1)!
  const optimiser = { betas: [0.9, 0.999] as const, epsilon: 1e-8, weightDecay: 0, maxGradNorm: 1 }
  const training = planTraining({ model, method, maxLength, batch: 2, length: 64, optimiser })
  await executor.prepare([training])
  const example = { ids: Int32Array.from(ids), trained: new Uint8Array(40).fill(1) }
  const batches = [collate([example, example], { rows: 2, length: 64 }, 0)]
  await trainStep(executor, model, method, { batches, planOf: () => training, learningRate: 0.01, step: 1, seed: 0 })
  const after = (await cachedLogits(opened, ids, 37)).at(-1)!
  expect(largestDifference(after, before)).toBeGreaterThan(0.01)
  expect(largestDifference(after, (await (await createRecomputation(opened))(ids)).at(-1)!)).toBeLessThan(1e-4)
  await executor.dispose()
})

describe('a context that is no multiple of the chunk', () => {
  it('may be filled to its last token', async () => {
    const opened = await openModel('test/goldens/models/llama', 100)
    const ids = randomIds(100, opened.model.config.vocabSize, 4)
    const cached = await cachedLogits(opened, ids, 98)
    const anew = (await (await createRecomputation(opened))(ids)).slice(97)
    cached.forEach((logits, i) => expect(largestDifference(logits, anew[i]!)).toBeLessThan(1e-4))
    await opened.executor.dispose()
  })
})

describe('capacityFor', () => {
  it('doubles from 64 to the context', () => {
    expect([1, 64, 65, 128, 129, 500].map((n) => capacityFor(n, 1024))).toEqual([64, 64, 128, 128, 256, 512])
    expect(capacityFor(1024, 1024)).toBe(1024)
  })

  it('ends at the context, rounded up to whole chunks', () => {
    expect(capacityFor(600, 700)).toBe(704)
    expect(capacityFor(20, 24)).toBe(32)
    expect(capacityFor(100, 100)).toBe(128)
  })

  it('always holds the padded last chunk of a prompt', () => {
    const lengths = Array.from({ length: 300 }, (_, i) => i + 1)
    const tooSmall = lengths.filter((context) =>
      lengths.some((n) => n <= context && capacityFor(n, context) < Math.ceil(n / CHUNK) * CHUNK),
    )
    expect(tooSmall).toEqual([])
  })
})
