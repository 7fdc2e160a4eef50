import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { argmax, distributionOf, draw, penalise, sampleToken } from '../../../main/engine/generate/sampler'
import { createRng } from '../../../main/engine/rng'

const off = { temperature: 1, topK: 0, topP: 1, repetitionPenalty: 1 }
/** Logits whose probabilities at temperature 1 are these. */
const logitsOf = (...probabilities: number[]): Float32Array => Float32Array.from(probabilities, Math.log)
const table = (logits: Float32Array, settings: Partial<typeof off>): Record<number, number> => {
  const { ids, probabilities } = distributionOf(logits, { ...off, ...settings })
  return Object.fromEntries(ids.map((id, i) => [id, Number(probabilities[i]!.toFixed(5))]))
}

describe('distributionOf', () => {
  it('is the softmax where nothing is cut', () => {
    expect(table(logitsOf(0.1, 0.6, 0.3), {})).toEqual({ 0: 0.1, 1: 0.6, 2: 0.3 })
  })

  it('divides by the temperature first', () => {
    // 0.1² : 0.6² : 0.3² = 1 : 36 : 9
    const halved = table(logitsOf(0.1, 0.6, 0.3), { temperature: 0.5 })
    expect(halved).toEqual({ 0: 0.02174, 1: 0.78261, 2: 0.19565 })
  })

  it('keeps the k likeliest', () => {
    expect(table(logitsOf(0.1, 0.4, 0.2, 0.3), { topK: 2 })).toEqual({ 1: 0.57143, 3: 0.42857 })
    expect(table(logitsOf(0.1, 0.6, 0.3), { topK: 5 })).toEqual({ 0: 0.1, 1: 0.6, 2: 0.3 })
  })

  it('keeps all that tie with the k-th', () => {
    expect(table(Float32Array.of(0, 1, 1, 1, -2), { topK: 2 })).toEqual({ 1: 0.33333, 2: 0.33333, 3: 0.33333 })
  })

  it('keeps the smallest set that reaches topP', () => {
    const logits = Float32Array.of(0, 0, 0, 0)
    expect(table(logits, { topP: 0.5 })).toEqual({ 0: 0.5, 1: 0.5 })
    expect(table(logits, { topP: 0.51 })).toEqual({ 0: 0.33333, 1: 0.33333, 2: 0.33333 })
    expect(table(logitsOf(0.1, 0.6, 0.3), { topP: 0.7 })).toEqual({ 1: 0.66667, 2: 0.33333 })
  })

  it('keeps the likeliest one however small topP is', () => {
    expect(table(logitsOf(0.1, 0.6, 0.3), { topP: 0 })).toEqual({ 1: 1 })
  })

  it('measures topP over what top-k left', () => {
    // Of 0.4 and 0.3 the first has 0.571: enough for 0.5, though it is 0.4 of the whole.
    expect(table(logitsOf(0.1, 0.4, 0.2, 0.3), { topK: 2, topP: 0.5 })).toEqual({ 1: 1 })
  })

  it('refuses scores of a model that has diverged', () => {
    for (const logits of [Float32Array.of(NaN, NaN), Float32Array.of(0, Infinity)])
      expect(() => distributionOf(logits, off)).toThrowError(expect.objectContaining({ code: 'generation-failed' }))
  })
})

describe('penalise', () => {
  it('divides positive and multiplies negative scores of what was said', () => {
    const logits = Float32Array.of(2, -1, 0, 4)
    expect([...penalise(logits, new Set([0, 1, 2, 9]), 2)]).toEqual([1, -2, 0, 4])
    expect([...logits]).toEqual([2, -1, 0, 4])
  })

  it('comes before the temperature and the choice of the likeliest', () => {
    const settings = { ...off, temperature: 0, repetitionPenalty: 1.5 }
    expect(sampleToken(Float32Array.of(3, 2.5), new Set([0]), settings, createRng(1))).toBe(1)
    expect(sampleToken(Float32Array.of(3, 2.5), new Set(), settings, createRng(1))).toBe(0)
  })
})

describe('argmax', () => {
  it('is the first of equals', () => {
    expect(argmax([1, 3, 3, 2])).toBe(1)
    expect(argmax([NaN, -5, -5])).toBe(1)
  })

  it('refuses scores without a number', () => {
    expect(() => argmax([NaN, NaN])).toThrowError(expect.objectContaining({ code: 'generation-failed' }))
  })
})

describe('for any scores and settings', () => {
  const logits = fc
    .array(fc.integer({ min: -40, max: 40 }), { minLength: 1, maxLength: 60 })
    .map((values) => Float32Array.from(values, (value) => value / 4))
  const settings = fc.record({
    temperature: fc.double({ min: 0.05, max: 3, noNaN: true }),
    topK: fc.nat(70),
    topP: fc.double({ min: 0, max: 1, noNaN: true }),
    repetitionPenalty: fc.double({ min: 0.5, max: 2, noNaN: true }),
  })

  it('probabilities add up to 1', () => {
    fc.assert(
      fc.property(logits, settings, (scores, chosen) => {
        const { probabilities } = distributionOf(scores, chosen)
        expect(probabilities.reduce((sum, p) => sum + p, 0)).toBeCloseTo(1, 10)
      }),
    )
  })

  it('nothing is kept that top-k leaves out, and nothing likelier is left out', () => {
    fc.assert(
      fc.property(logits, settings, (scores, chosen) => {
        const { ids } = distributionOf(scores, { ...chosen, topP: 1 })
        const sorted = [...scores].sort((a, b) => b - a)
        const floor = chosen.topK > 0 ? (sorted[chosen.topK - 1] ?? -Infinity) : -Infinity
        expect(ids).toEqual([...scores.keys()].filter((id) => scores[id]! >= floor))
      }),
    )
  })

  // At 1, top-p is off: then even what rounds to a probability of 0 is kept.
  const belowOne = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true })

  it('top-p keeps as few as reach it, the likeliest ones', () => {
    fc.assert(
      fc.property(logits, settings, belowOne, (scores, others, topP) => {
        const chosen = { ...others, topP }
        const all = distributionOf(scores, { ...chosen, topP: 1 })
        const { ids } = distributionOf(scores, chosen)
        const massOf = new Map(all.ids.map((id, i) => [id, all.probabilities[i]!]))
        const masses = ids.map((id) => massOf.get(id)!)
        const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0)
        expect(sum(masses)).toBeGreaterThanOrEqual(chosen.topP - 1e-9)
        if (ids.length > 1) expect(sum(masses.slice(0, -1))).toBeLessThan(chosen.topP)
        const leftOut = all.probabilities.filter((_, i) => !ids.includes(all.ids[i]!))
        expect(Math.max(0, ...leftOut)).toBeLessThanOrEqual(Math.min(...masses))
      }),
    )
  })

  it('only what is kept is drawn', () => {
    fc.assert(
      fc.property(logits, settings, fc.integer(), (scores, chosen, seed) => {
        const seen = new Set([0])
        const { ids } = distributionOf(penalise(scores, seen, chosen.repetitionPenalty), chosen)
        expect(ids).toContain(sampleToken(scores, seen, chosen, createRng(seed)))
      }),
    )
  })

  it('temperature 0 is the likeliest one', () => {
    fc.assert(
      fc.property(logits, fc.integer(), (scores, seed) => {
        const id = sampleToken(scores, new Set(), { ...off, temperature: 0 }, createRng(seed))
        expect(id).toBe(scores.indexOf(Math.max(...scores)))
      }),
    )
  })
})

it('draws as often as the probabilities say', () => {
  const rng = createRng(5)
  const distribution = { ids: [7, 8, 9], probabilities: [0.2, 0.5, 0.3] }
  const counts = new Map<number, number>()
  for (let i = 0; i < 20_000; i++) {
    const id = draw(distribution, rng)
    counts.set(id, (counts.get(id) ?? 0) + 1)
  }
  distribution.ids.forEach((id, i) => expect(counts.get(id)! / 20_000).toBeCloseTo(distribution.probabilities[i]!, 1.7))
})
