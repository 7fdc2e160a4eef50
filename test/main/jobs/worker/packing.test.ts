import { afterAll, beforeAll, expect, it } from 'vitest'
import type { RunSpecInput, RunView } from '../../../../preload/contract'
import { collect } from '../studio'
import { tinyStudio, type TinyStudio } from './tiny-studio'

let studio: TinyStudio
beforeAll(async () => {
  studio = await tinyStudio()
})
afterAll(() => studio.close())

async function trained(training: RunSpecInput['training']): Promise<RunView> {
  const spec = studio.spec({ validationShare: 0.1, ...training }, { id: 'lora', parameters: { r: 4 } })
  const id = await studio.jobs.createAndStart(spec)
  await collect(studio.jobs.events(id, 0))
  return studio.jobs.view(id)
}

const figures = ({ points }: RunView): number[] => points.flatMap(({ loss, gradNorm }) => [loss, gradNorm])

it('a run whose batches have all rows is the same packed and not: losses, gradients, held-out losses, tokens', async () => {
  const whole = { steps: 4, epochs: 4, batchSize: 54, accumulation: 1, learningRate: 0.01, evaluateEvery: 2 }
  const [plain, packed] = [await trained(whole), await trained({ ...whole, packing: true })]
  expect(plain).toMatchObject({ state: 'done', prepared: { trainRows: 54, steps: 4 } })
  expect(packed).toMatchObject({ state: 'done', prepared: { trainRows: 54, steps: 4 } })
  expect(packed.points).toHaveLength(4)
  figures(packed).forEach((figure, i) => expect(figure / (figures(plain)[i] ?? NaN)).toBeCloseTo(1, 4))
  packed.evaluations.forEach(({ loss }, i) => expect(loss).toBeCloseTo(plain.evaluations[i]?.loss ?? NaN, 4))
  const counts = ({ points }: RunView): number[][] => points.map(({ tokens, trainedTokens }) => [tokens, trainedTokens])
  expect(counts(packed)).toEqual(counts(plain))
})

it('a packed run says how its rows are laid out, and makes about as many steps', async () => {
  const epoch = { steps: undefined, epochs: 1, batchSize: 6, accumulation: 2, maxLength: 100 }
  const [plain, packed] = [await trained(epoch), await trained({ ...epoch, packing: true })]
  expect(plain.prepared?.notes).toEqual([])
  expect(packed.prepared?.notes).toEqual([
    expect.stringMatching(/^packing: 54 examples share \d+ rows of up to \d+ tokens; a batch of \d+ has about \d/),
  ])
  expect(plain.prepared?.steps).toBe(5)
  expect(Math.abs((packed.prepared?.steps ?? NaN) - 5)).toBeLessThanOrEqual(1)
  const last = ({ points }: RunView) => points.at(-1)
  expect(last(packed)?.tokens).toBe(last(plain)?.tokens)
  const { tokens = 0, trainedTokens = 0, tokensPerSecond = 0, trainedTokensPerSecond = 0 } = last(packed) ?? {}
  expect(trainedTokens).toBeLessThan(tokens)
  // The rates are means of the same few steps.
  expect(trainedTokensPerSecond / tokensPerSecond).toBeCloseTo(trainedTokens / tokens, 6)
})
