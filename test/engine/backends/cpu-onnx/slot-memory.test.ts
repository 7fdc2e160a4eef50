import { describe, expect, it } from 'vitest'
import { createSlotMemory } from '../../../../main/engine/backends/cpu-onnx/slot-memory'
import type { Plan, Role, Slot } from '../../../../main/engine/plan'

const planOf = (
  ...slots: readonly [name: string, role: Role, shape: readonly number[], dtype?: Slot['dtype']][]
): Plan => ({
  title: 'by hand',
  slots: new Map(slots.map(([name, role, shape, dtype = 'f32']) => [name, { name, role, shape, dtype }])),
  segments: new Map(),
  phases: {},
})

const plan = planOf(
  ['w', 'frozen', [2, 3]],
  ['w.grad', 'gradient', [2, 3]],
  ['h', 'activation', [4, 2]],
  ['ids', 'batch', [4], 'i32'],
  ['k', 'cache', [4, 2]],
)
const longer = planOf(['h', 'activation', [6, 2]], ['ids', 'batch', [6], 'i32'], ['w.grad', 'gradient', [2, 3]])

function reserved(...plans: readonly Plan[]): ReturnType<typeof createSlotMemory> {
  const memory = createSlotMemory()
  plans.forEach(memory.reserve)
  return memory
}

describe('a slot', () => {
  it('has room once a plan is prepared; a weight once it is uploaded, in that very array', () => {
    const memory = reserved(plan)
    expect(memory.slot(plan, 'h')).toEqual(new Float32Array(8))
    expect(memory.slot(plan, 'ids')).toEqual(new Int32Array(4))
    expect(memory.slot(plan, 'w.grad')).toEqual(new Float32Array(6))
    const weights = Float32Array.of(1, 2, 3, 4, 5, 6)
    expect(memory.upload('w', weights)).toBe(true)
    expect(memory.slot(plan, 'w')).toBe(weights)
  })

  it('of a batch is filled, not replaced: what is bound to it stays bound', () => {
    const memory = reserved(plan)
    const bound = memory.slot(plan, 'ids')
    expect(memory.upload('ids', Int32Array.of(4, 3, 2, 1))).toBe(false)
    expect([...bound]).toEqual([4, 3, 2, 1])
  })

  it('grows with the largest plan, and each plan sees its part', () => {
    const memory = createSlotMemory()
    expect([memory.reserve(plan), memory.reserve(longer), memory.reserve(plan)]).toEqual([false, true, false])
    expect(memory.slot(longer, 'h').length).toBe(12)
    expect(memory.slot(plan, 'h').length).toBe(8)
    expect(memory.slot(plan, 'h').buffer).toBe(memory.slot(longer, 'h').buffer)
  })

  it('outlives plans where it is a weight, a gradient or a moment, and only there', () => {
    const memory = reserved(plan)
    memory.slot(plan, 'w.grad').fill(7)
    memory.reserve(longer)
    expect(memory.slot(longer, 'w.grad')).toEqual(new Float32Array(6).fill(7))
    expect(memory.persistent('w.grad')).toBe(memory.slot(plan, 'w.grad'))
    for (const name of ['h', 'ids', 'k', 'nowhere']) expect(memory.persistent(name)).toBeUndefined()
  })

  it('is gone after release', () => {
    const memory = reserved(plan)
    memory.release()
    expect(() => memory.slot(plan, 'h')).toThrow(/slot h: it has no values yet/)
  })
})

describe('rows of a slot', () => {
  const memory = reserved(plan)
  memory.upload('k', Float32Array.of(0, 1, 2, 3, 4, 5, 6, 7))
  const rows = (binding: object, parameters = {}): number[] => [
    ...memory.view(plan, { slot: 'k', ...binding }, parameters),
  ]

  it('are a view of it', () => {
    expect(rows({ row: 1, rows: 2 })).toEqual([2, 3, 4, 5])
    expect(rows({ row: 3 })).toEqual([6, 7])
    expect(rows({ rows: 1 })).toEqual([0, 1])
    expect(rows({})).toHaveLength(8)
    expect(memory.view(plan, { slot: 'k', row: 1 }, {}).buffer).toBe(memory.slot(plan, 'k').buffer)
  })

  it('may be given when a plan is run', () => {
    expect(rows({ row: { parameter: 'position' }, rows: 2 }, { position: 2 })).toEqual([4, 5, 6, 7])
  })

  it.each([
    [{ row: 4 }, {}, 'slot k: rows 4 to 5 are outside of it'],
    [{ row: 3, rows: 2 }, {}, 'slot k: rows 3 to 5 are outside of it'],
    [{ row: -1 }, {}, 'slot k: rows -1 to 0 are outside of it'],
    [{ row: { parameter: 'position' }, rows: 2 }, { position: 3 }, 'slot k: rows 3 to 5 are outside of it'],
    [{ row: { parameter: 'position' } }, {}, 'slot k: rows undefined to NaN are outside of it'],
  ])('%j with %j are outside', (binding, parameters, message) => {
    const attempt = (): unknown => rows(binding, parameters)
    expect(attempt).toThrow(expect.objectContaining({ name: 'GraftError', code: 'invalid-argument' }))
    expect(attempt).toThrow(message)
  })
})

describe('mistakes', () => {
  const cases: readonly [string, () => unknown, string, RegExp][] = [
    [
      'a weight that was never uploaded',
      () => reserved(plan).slot(plan, 'w'),
      'invalid-argument',
      /slot w: .*upload it/,
    ],
    ['an unprepared plan', () => reserved().slot(plan, 'h'), 'invalid-argument', /slot h: it has no values yet/],
    ['a slot of another plan', () => reserved(plan).slot(longer, 'k'), 'invalid-argument', /slot k: /],
    [
      'a plan larger than the prepared one',
      () => reserved(plan).slot(longer, 'h'),
      'shape-mismatch',
      /slot h: expected 12 values, got 8/,
    ],
    [
      'more than there is room for',
      () => reserved(plan).upload('ids', new Int32Array(5)),
      'shape-mismatch',
      /slot ids: expected at most 4 values, got 5/,
    ],
    [
      'a weight that is too short',
      () => {
        const memory = reserved(plan)
        memory.upload('w', new Float32Array(5))
        return memory.slot(plan, 'w')
      },
      'shape-mismatch',
      /slot w: expected 6 values, got 5/,
    ],
  ]
  it.each(cases)('%s', (_, attempt, code, message) => {
    expect(attempt).toThrow(expect.objectContaining({ name: 'GraftError', code }))
    expect(attempt).toThrow(message)
  })
})
