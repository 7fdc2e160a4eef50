import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { planScratch } from '../../../../main/engine/backends/gpu-wgsl/program/scratch'
import type { Step, Term } from '../../../../main/engine/backends/gpu-wgsl/program/emitter'

const kernel = { name: 'any', operands: [], threads: 1, groups: [1, 1, 1], body: '' } as const

/** Each step makes one term of some size, out of some that are there by then. */
const programs = fc.array(
  fc.record({ size: fc.integer({ min: 1, max: 9 }), picks: fc.array(fc.nat(50), { maxLength: 3 }) }),
  {
    minLength: 1,
    maxLength: 25,
  },
)

function stepsOf(program: readonly { size: number; picks: readonly number[] }[]): Step[] {
  const made: Term[] = []
  return program.map(({ size, picks }) => {
    const read = made.length ? picks.map((n) => made[n % made.length] as Term) : []
    const term = { shape: [size] }
    made.push(term)
    return { kernel, terms: [...read, term] }
  })
}

describe('working memory', () => {
  it('still holds what is read later, has room for it, and is never read and written in one step', () => {
    fc.assert(
      fc.property(programs, (program) => {
        const steps = stepsOf(program)
        const { sizes, places } = planScratch(steps, () => true)
        const holds = new Map<number, Term>()
        for (const { terms } of steps) {
          const [read, written] = [terms.slice(0, -1), terms.at(-1) as Term]
          for (const term of read) expect(holds.get(places.get(term) as number)).toBe(term)
          const place = places.get(written) as number
          expect(read.map((term) => places.get(term))).not.toContain(place)
          expect(sizes[place]).toBeGreaterThanOrEqual((written.shape[0] as number) * 4)
          holds.set(place, written)
        }
      }),
    )
  })

  it('is used again: a chain of any length needs two buffers', () => {
    const chain = stepsOf(Array.from({ length: 20 }, (_, i) => ({ size: 1 + (i % 5), picks: [i - 1] })))
    expect(planScratch(chain, () => true).sizes).toEqual([20, 20])
  })

  it('has the largest buffer first, and none for terms that live in slots', () => {
    const steps = stepsOf([
      { size: 2, picks: [] },
      { size: 9, picks: [0] },
      { size: 1, picks: [0, 1] },
    ])
    const slot = (steps[0] as Step).terms[0] as Term
    expect(planScratch(steps, () => true).sizes).toEqual([36, 8, 4])
    const rest = planScratch(steps, (term) => term !== slot)
    expect(rest.sizes).toEqual([36, 4])
    expect(rest.places.has(slot)).toBe(false)
  })
})
