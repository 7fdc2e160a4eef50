import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { adamw, clipFactor, learningRateAt, scaleInPlace, squaredNorm, warmupSteps } from '../../../main/engine/optim'

/** torch's order of operations, one number at a time, from the specification. */
function adamwByHand(gradients: readonly number[], start: number, weightDecay: number): number {
  const [lr, b1, b2, eps] = [0.1, 0.9, 0.999, 1e-8]
  let [p, m, v] = [start, 0, 0]
  gradients.forEach((g, i) => {
    const t = i + 1
    p *= 1 - lr * weightDecay
    m = b1 * m + (1 - b1) * g
    v = b2 * v + (1 - b2) * g * g
    p -= ((lr / (1 - b1 ** t)) * m) / (Math.sqrt(v) / Math.sqrt(1 - b2 ** t) + eps)
  })
  return p
}

describe('adamw', () => {
  it.each([0, 0.01])('follows the formulas over several steps, weight decay %d', (weightDecay) => {
    const gradients = [0.5, -0.2, 1e-4, 3]
    const [p, m, v] = [Float64Array.of(2), new Float64Array(1), new Float64Array(1)]
    gradients.forEach((g, i) =>
      adamw(p, Float64Array.of(g), m, v, {
        learningRate: 0.1,
        betas: [0.9, 0.999],
        epsilon: 1e-8,
        weightDecay,
        step: i + 1,
      }),
    )
    expect(p[0]).toBeCloseTo(adamwByHand(gradients, 2, weightDecay), 12)
  })

  it('moves a parameter by the learning rate at the first step, whatever the size of its gradient', () => {
    const [p, g] = [new Float64Array(3), Float64Array.of(1e-3, 1, -1e3)]
    adamw(p, g, new Float64Array(3), new Float64Array(3), {
      learningRate: 0.01,
      betas: [0.9, 0.999],
      epsilon: 1e-8,
      weightDecay: 0,
      step: 1,
    })
    for (const [i, value] of [-0.01, -0.01, 0.01].entries()) expect(p[i]).toBeCloseTo(value, 6)
  })
})

describe('clipping', () => {
  it('takes the norm over all gradients and shrinks them to the maximum', () => {
    const gradients = [Float32Array.of(3, 0), Float32Array.of(0, 4)]
    const norm = Math.sqrt(gradients.reduce((sum, g) => sum + squaredNorm(g), 0))
    expect(norm).toBe(5)
    const factor = clipFactor(norm, 1)
    expect(factor).toBeCloseTo(1 / (5 + 1e-6), 12)
    gradients.forEach((g) => scaleInPlace(g, factor))
    expect(gradients.map((g) => [...g]).flat()).toEqual([0.6, 0, 0, 0.8].map((x) => expect.closeTo(x, 5)))
  })

  it('leaves small gradients alone, and all where it is off', () => {
    expect(clipFactor(0.5, 1)).toBe(1)
    expect(clipFactor(1e9, 0)).toBe(1)
  })

  it('lets a number that is none show in the norm', () => {
    for (const bad of [NaN, Infinity, -Infinity])
      expect(Number.isFinite(squaredNorm(Float32Array.of(1, bad, 2)))).toBe(false)
  })
})

describe('schedules', () => {
  const rates = (name: 'linear' | 'cosine' | 'constant', warmup: number, steps: number): number[] =>
    Array.from({ length: steps }, (_, step) => learningRateAt(name, 1, step, warmup, steps))
  const close = (values: readonly number[]): unknown[] => values.map((value) => expect.closeTo(value, 4))

  it('are those of transformers', () => {
    expect(rates('cosine', 2, 6)).toEqual(close([0, 0.5, 1, 0.8536, 0.5, 0.1464]))
    expect(rates('linear', 2, 6)).toEqual(close([0, 0.5, 1, 0.75, 0.5, 0.25]))
    expect(rates('linear', 0, 4)).toEqual(close([1, 0.75, 0.5, 0.25]))
    expect(rates('constant', 2, 4)).toEqual(close([0, 0.5, 1, 1]))
  })

  it('never leave the range from nothing to the base rate', () => {
    const names = fc.constantFrom('linear' as const, 'cosine' as const, 'constant' as const)
    fc.assert(
      fc.property(names, fc.nat(50), fc.integer({ min: 1, max: 200 }), fc.nat(400), (name, warmup, steps, step) => {
        const rate = learningRateAt(name, 1, step, warmup, steps)
        expect(rate).toBeGreaterThanOrEqual(0)
        expect(rate).toBeLessThanOrEqual(1)
      }),
    )
  })

  it('warm up for a count of steps, or a share of all rounded up', () => {
    expect([warmupSteps(0, 100), warmupSteps(0.05, 60), warmupSteps(0.01, 60), warmupSteps(10, 60)]).toEqual([
      0, 3, 1, 10,
    ])
  })
})
