import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createRng } from '../../../../main/engine/rng'
import {
  collate,
  countTargets,
  ignoredLabel,
  joinExamples,
  packExamples,
  packRows,
  type Example,
} from '../../../../main/engine/text'
import { anyMarks, exampleOf } from './examples'

const ascending = (values: readonly number[]): number[] => values.toSorted((a, b) => a - b)
const upTo = (count: number): number[] => Array.from({ length: count }, (_, index) => index)
const sum = (values: readonly number[]): number => values.reduce((a, b) => a + b, 0)
const plainExample = (length: number): Example => ({
  ids: new Int32Array(length).fill(7),
  trained: new Uint8Array(length).fill(1),
})

describe('packRows', () => {
  const anyPacking = fc.record({
    lengths: fc.array(fc.integer({ min: 1, max: 64 }), { maxLength: 300 }),
    capacity: fc.integer({ min: 64, max: 200 }),
    seed: fc.integer(),
    window: fc.integer({ min: 1, max: 100 }),
  })

  it('has every example exactly once and whole, in rows that hold it, and the same ones again', () => {
    fc.assert(
      fc.property(anyPacking, (options) => {
        const rows = packRows(options)
        expect(ascending(rows.flat())).toEqual(upTo(options.lengths.length))
        for (const row of rows) {
          expect(row.length).toBeGreaterThan(0)
          expect(sum(row.map((example) => options.lengths[example] ?? NaN))).toBeLessThanOrEqual(options.capacity)
        }
        expect(packRows(options)).toEqual(rows)
      }),
    )
  })

  it('leaves no two rows of a window that would fit into one', () => {
    fc.assert(
      fc.property(anyPacking, (options) => {
        const rows = packRows({ ...options, window: 1000 })
        const used = rows.map((row) => sum(row.map((example) => options.lengths[example] ?? NaN)))
        const [least = 0, next = Infinity] = ascending(used)
        expect(least + next).toBeGreaterThan(options.capacity)
      }),
    )
  })

  it('fills rows to more than 95 % where examples are short', () => {
    const rng = createRng(2)
    const lengths = upTo(5000).map(() => 10 + rng.integer(60))
    expect(packRows({ lengths, capacity: 128, seed: 1 }).length).toBeLessThan(sum(lengths) / 128 / 0.95)
  })

  it('packs other examples together for another seed', () => {
    const lengths = upTo(200).map((i) => 5 + (i % 40))
    const packed = [1, 2].map((seed) => JSON.stringify(packRows({ lengths, capacity: 64, seed, window: 50 })))
    expect(packed[0]).not.toBe(packed[1])
  })

  it('refuses an example that no row holds', () => {
    const invalid = expect.objectContaining({ code: 'invalid-argument' })
    expect(() => packRows({ lengths: [3, 65], capacity: 64, seed: 1 })).toThrowError(invalid)
  })
})

describe('joinExamples', () => {
  it('lays texts one after the other, each by itself: its positions, its keys, no label across', () => {
    const row = joinExamples([exampleOf('.##'), exampleOf('##'), exampleOf('..#')])
    expect(row.starts).toEqual([0, 3, 5])
    expect(collate([row], { rows: 1, length: 10 }, 0)).toEqual({
      rows: 1,
      length: 10,
      ids: Int32Array.of(1, 2, 3, 1, 2, 1, 2, 3, 0, 0),
      positions: Int32Array.of(0, 1, 2, 0, 1, 0, 1, 2, 3, 4),
      labels: Int32Array.of(2, 3, -100, 2, -100, -100, 3, -100, -100, -100),
      first: Int32Array.of(0, 0, 0, 3, 3, 5, 5, 5, 5, 5),
      last: Int32Array.of(0, 1, 2, 3, 4, 5, 6, 7, 8, 9),
      tokens: 8,
      trainedTokens: 4,
    })
  })

  it('keeps every token and every target of any texts, and has no other', () => {
    fc.assert(
      fc.property(fc.array(anyMarks, { maxLength: 8 }), (marks) => {
        const examples = marks.map(exampleOf)
        const row = joinExamples(examples)
        const shape = { rows: 1, length: row.ids.length + 3 }
        const [together, apart] = [
          collate([row], shape, 0),
          collate(examples, { rows: examples.length, length: 60 }, 0),
        ]
        const targets = (labels: Int32Array): number[] => [...labels].filter((label) => label !== ignoredLabel)
        expect([together.tokens, together.trainedTokens]).toEqual([apart.tokens, apart.trainedTokens])
        expect(together.trainedTokens).toBe(sum(examples.map(countTargets)))
        expect(targets(together.labels)).toEqual(targets(apart.labels))
      }),
    )
  })
})

describe('packExamples', () => {
  const anySet = fc.record({
    lengths: fc.array(fc.integer({ min: 1, max: 100 }), { minLength: 1, maxLength: 300 }),
    batchSize: fc.integer({ min: 1, max: 16 }),
    room: fc.nat({ max: 400 }),
  })

  it('has every token once, in rows within the maximum length', () => {
    fc.assert(
      fc.property(anySet, ({ lengths, batchSize, room }) => {
        const maxLength = Math.max(...lengths) + room
        const { rows } = packExamples(lengths.map(plainExample), { batchSize, maxLength, seed: 5 })
        expect(sum(rows.map(({ ids }) => ids.length))).toBe(sum(lengths))
        expect(Math.max(...rows.map(({ ids }) => ids.length))).toBeLessThanOrEqual(maxLength)
      }),
    )
  })

  it.each([
    { batchSize: 8, maxLength: 256 },
    { batchSize: 32, maxLength: 256 },
    { batchSize: 4, maxLength: 2048 },
    { batchSize: 8, maxLength: 120 },
  ])('keeps about $batchSize examples a batch where rows may have $maxLength tokens', ({ batchSize, maxLength }) => {
    const rng = createRng(4)
    const examples = upTo(2000).map(() => plainExample(20 + rng.integer(80)))
    const { rows, rowsPerBatch } = packExamples(examples, { batchSize, maxLength, seed: 5 })
    const perBatch = (rowsPerBatch * examples.length) / rows.length
    expect(perBatch / batchSize).toBeGreaterThan(0.75)
    expect(perBatch / batchSize).toBeLessThan(1.25)
  })

  it('packs nothing where every example fills its row', () => {
    const { rows, rowsPerBatch } = packExamples([60, 64, 60].map(plainExample), {
      batchSize: 2,
      maxLength: 64,
      seed: 1,
    })
    expect([rows.length, rowsPerBatch]).toEqual([3, 2])
  })

  it('refuses an example that is longer than the maximum length', () => {
    const invalid = expect.objectContaining({ code: 'invalid-argument' })
    expect(() => packExamples([plainExample(9)], { batchSize: 1, maxLength: 8, seed: 1 })).toThrowError(invalid)
  })
})
