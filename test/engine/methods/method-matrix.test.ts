import { beforeAll, describe, expect, test } from 'vitest'
import { findMethod, methodInfos } from '../../../main/engine/methods'
import { elementCount } from '../../../main/engine/tensor'
import { combinations, familyRows, methodRows } from './matrix/rows'
import { playScenario, type Outcome } from './matrix/scenario'
import { openFamily } from './matrix/stage'
import { largestDifference } from './small-session'

// Every promise of every method, on every family, for every task that it declares: the rows are in matrix/rows.ts.
describe.each(combinations.map((it) => [`${it.row.name} on ${it.family} as ${it.task.kind}`, it] as const))(
  '%s',
  (_, { row, family, task }) => {
    let outcome: Outcome
    beforeAll(async () => {
      outcome = await playScenario({ row, family, task })
    })

    test('trains as many parameters as its formula says', async () => {
      const { model } = await openFamily(family, task)
      const [method, values] = [findMethod(row.id), row.values ?? {}]
      const count = method.apply(model, values).trainable.reduce((sum, { shape }) => sum + elementCount(shape), 0)
      expect(method.countTrainable(model, values)).toBe(count)
    })

    test('starts as it promises', () => {
      if (row.untouchedAtStart === undefined) expect(outcome.start).not.toEqual(outcome.base)
      else expect(largestDifference(outcome.start, outcome.base)).toBeLessThanOrEqual(row.untouchedAtStart)
    })

    test('learns a batch that is repeated, with every tensor that it trains', () => {
      const [first, , last] = outcome.losses
      expect(last).toBeLessThan(first as number)
      expect(outcome.unmoved).toEqual([])
      expect(largestDifference(outcome.trained, outcome.start)).toBeGreaterThan(1e-3)
    })

    test('leaves what it does not train byte for byte as it was; switched off, it is gone', () => {
      expect(outcome.changed).toEqual([])
      expect(outcome.disabled).toEqual(outcome.bare)
    })

    test('goes on after a restart, and with kept activations, to the same bytes', () => {
      expect(Buffer.compare(outcome.states.resumed, outcome.states.whole)).toBe(0)
      expect(Buffer.compare(outcome.states.kept, outcome.states.whole)).toBe(0)
    })

    test('stored and loaded, it answers the same', () => {
      expect(outcome.loaded).toEqual(outcome.trained)
    })

    if (findMethod(row.id).info.mergeable)
      test('merged, it answers the same', () => {
        expect(largestDifference(outcome.merged as Float32Array, outcome.trained)).toBeLessThan(1e-4)
      })
  },
)

test('has a row for every method', () => {
  expect(familyRows).toContain('llama')
  expect(new Set(methodRows.filter(({ only }) => !only).map(({ id }) => id))).toEqual(
    new Set(methodInfos.map(({ id }) => id)),
  )
})
