import { describe, expect, it } from 'vitest'
import { drawRows } from '../../../../../main/jobs/worker/tuning/rows/draw-rows'
import { trainingSchema, type RunSpecInput } from '../../../../../preload/contract'

const training = (changes: RunSpecInput['training']) => trainingSchema.parse({ batchSize: 8, ...changes })
const rowsOf = (count: number): number[] => Array.from({ length: count }, (_, row) => 3 * row)

describe('drawRows', () => {
  it('takes every row that the run will see', () => {
    const rows = rowsOf(10_000)
    expect(drawRows(rows, training({}))).toEqual({ rows, epochs: 1, notes: [] })
    expect(drawRows(rows, training({ epochs: 3 }))).toEqual({ rows, epochs: 3, notes: [] })
    expect(drawRows(rows, training({ steps: 1250 }))).toMatchObject({ rows, notes: [] })
    expect(drawRows(rows, training({ steps: 625, accumulation: 2 }))).toMatchObject({ rows, notes: [] })
  })

  it('takes all of a dataset that is prepared in seconds', () => {
    const rows = rowsOf(4096)
    expect(drawRows(rows, training({ steps: 1 }))).toEqual({ rows, epochs: 1, notes: [] })
  })

  it('draws as many as the run sees, by its seed, and says so', () => {
    const rows = rowsOf(10_000)
    const drawn = drawRows(rows, training({ steps: 1000 }))
    expect(drawn.rows).toHaveLength(8000)
    expect(drawn.rows).toEqual([...new Set(drawn.rows)].sort((a, b) => a - b))
    expect(drawn.rows.filter((row) => rows.includes(row))).toHaveLength(8000)
    expect(drawn.notes).toEqual(['of 10000 training rows 8000 were drawn and prepared: 1000 steps see no more'])
    expect(drawRows(rows, training({ steps: 1000 }))).toEqual(drawn)
    expect(drawRows(rows, training({ steps: 1000, seed: 1 })).rows).not.toEqual(drawn.rows)
  })

  it('makes as many steps of a part of an epoch', () => {
    const drawn = drawRows(rowsOf(100_000), training({ epochs: 0.1 }))
    expect(drawn.rows).toHaveLength(10_000)
    expect(drawn.epochs).toBe(1)
    const few = drawRows(rowsOf(100_000), training({ epochs: 0.01 }))
    expect(few.rows.length * few.epochs).toBeCloseTo(1000)
  })
})
