import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { JobEventBody } from '../../../../preload/contract'
import { RESUME_STAGE } from '../../../../preload/contract'
import { initialRunView, reduceRun, snapshotRunView } from '../../../../main/runs/run-view'
import { foldEvents } from '../../../../renderer/lib/run/fold-run'
import { evaluation, freshRun, numbered, stepEvent, wholeRun } from '../../make-run'

const step = fc.integer({ min: 0, max: 12 })
const body: fc.Arbitrary<JobEventBody> = fc.oneof(
  step.map((at) => stepEvent(at)),
  step.map((at): JobEventBody => ({ type: 'evaluation', ...evaluation(at, 2) })),
  fc
    .tuple(step, fc.integer({ min: 0, max: 2 }), fc.string({ maxLength: 3 }))
    .map(([at, index, answer]): JobEventBody => ({
      type: 'sample',
      step: at,
      index,
      prompt: 'p',
      expected: 'e',
      answer,
    })),
  step.map((at): JobEventBody => ({ type: 'score', step: at, score: { kind: 'exact-match', value: 0.5, rows: 4 } })),
  fc.tuple(step, fc.boolean()).map(([at, best]): JobEventBody => ({ type: 'checkpoint', step: at, best })),
  step.map((done): JobEventBody => ({ type: 'stage', stage: RESUME_STAGE, done, total: 12 })),
  fc.constantFrom<JobEventBody>(
    { type: 'state', state: 'running' },
    { type: 'state', state: 'done' },
    { type: 'state', state: 'failed', failure: { code: 'x', message: 'y' } },
    { type: 'log', level: 'warning', text: 'careful' },
    { type: 'token', text: 'a', index: 0 },
    { type: 'result', result: { step: 1 } },
  ),
)
const events = fc.array(body, { maxLength: 40 }).map((bodies) => numbered(bodies))

describe('foldEvents', () => {
  it('makes of any events what the service makes of them', () => {
    fc.assert(
      fc.property(events, (list) => {
        const { id, createdAt, spec } = freshRun()
        const served = list.reduce(reduceRun, initialRunView({ id, createdAt, spec }))
        // What was being prepared is over with the first step; the page does not wait to be told.
        const { stage: _served, ...expected } = snapshotRunView(served)
        const { stage: _folded, ...folded } = foldEvents(freshRun(), list)
        expect(folded).toEqual(expected)
      }),
      { numRuns: 300 },
    )
  })

  it('does not care how events are cut into batches, nor whether some come twice', () => {
    fc.assert(
      fc.property(events, fc.nat(40), fc.nat(40), (list, cut, overlap) => {
        const first = foldEvents(freshRun(), list.slice(0, cut))
        const twice = foldEvents(first, list.slice(Math.max(0, cut - overlap)))
        expect(twice).toEqual(foldEvents(freshRun(), list))
      }),
    )
  })

  it('leaves the view that it was given as it was', () => {
    const view = foldEvents(freshRun(), numbered(wholeRun(3)))
    const copy = structuredClone(view)
    foldEvents(
      view,
      numbered([stepEvent(2), { type: 'stage', stage: RESUME_STAGE, done: 1, total: 3 }], view.lastSeq + 1),
    )
    expect(view).toEqual(copy)
  })

  it('forgets the stage with the first step, and the time left with the last', () => {
    const running = foldEvents(freshRun(), numbered(wholeRun(3).slice(0, 5)))
    expect(running).toMatchObject({ step: 2, secondsLeft: 9 })
    expect(running.stage).toBeUndefined()
    expect(foldEvents(freshRun(), numbered(wholeRun(3))).secondsLeft).toBeUndefined()
  })
})
