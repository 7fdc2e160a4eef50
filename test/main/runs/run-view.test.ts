import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { initialRunView, reduceRun, snapshotRunView, summariseRun } from '../../../main/runs'
import { runViewSchema, type JobEventBody, type RunView } from '../../../preload/contract'
import { eventOf, reduceAll, someSpec, stepBody, TIME } from './workspace'

const initial = (): RunView => initialRunView({ id: 'r', createdAt: TIME, spec: someSpec() })
const failure = { code: 'worker-killed', message: 'gone' }

const prepared: JobEventBody = {
  type: 'prepared',
  modelName: 'm',
  parameters: 9,
  trainableParameters: 1,
  trainRows: 5,
  validationRows: 1,
  notes: [],
  steps: 40,
  threads: 2,
  buckets: [64],
  memory: [{ part: 'weights', bytes: 9 }],
}
const evaluation = (step: number, loss: number, best = false): JobEventBody => ({
  type: 'evaluation',
  step,
  loss,
  perplexity: Math.exp(loss),
  best,
})
const sample = (step: number, index: number): JobEventBody => ({
  type: 'sample',
  step,
  index,
  prompt: 'p',
  expected: 'e',
  answer: `a${step}`,
})
const checkpoint = (step: number, best = false): JobEventBody => ({ type: 'checkpoint', step, best })
const running: JobEventBody = { type: 'state', state: 'running' }
const resumeAt = (step: number): JobEventBody => ({ type: 'stage', stage: 'resume', done: step, total: 40 })

describe('a run’s view', () => {
  it('gathers what every event says', () => {
    const view = reduceAll(initial(), [
      running,
      { type: 'stage', stage: 'tokenize', done: 1, total: 2 },
      prepared,
      evaluation(0, 3),
      sample(0, 0),
      stepBody(1, 2.5),
      { type: 'stage', stage: 'score', done: 1, total: 2 },
      { type: 'score', step: 0, score: { kind: 'exact-match', value: 0.5, rows: 4 } },
      checkpoint(1, true),
      { type: 'token', text: 'x', index: 0 },
      { type: 'log', level: 'warning', text: 'hot' },
      { type: 'result', result: { path: 'adapter' } },
    ])
    expect(view).toMatchObject({
      state: 'running',
      stage: { stage: 'score', done: 1, total: 2 },
      prepared: { steps: 40, memory: [{ part: 'weights', bytes: 9 }] },
      step: 1,
      secondsLeft: 3,
      evaluations: [{ step: 0, loss: 3, score: { kind: 'exact-match', value: 0.5, rows: 4 } }],
      samples: [{ step: 0, index: 0, answer: 'a0' }],
      checkpoints: [{ step: 1, best: true }],
      logs: [{ time: TIME, level: 'warning', text: 'hot' }],
      result: { path: 'adapter' },
      lastSeq: 12,
    })
    expect(view.points).toEqual([
      {
        step: 1,
        loss: 2.5,
        learningRate: 0.1,
        gradNorm: 1,
        tokens: 1,
        trainedTokens: 1,
        tokensPerSecond: 9,
        trainedTokensPerSecond: 4,
        memory: 7,
      },
    ])
    expect(runViewSchema.parse(view)).toEqual(view)
  })

  it('keeps a failure until somebody is at work again, and what is being done until nobody is', () => {
    const stage: JobEventBody = { type: 'stage', stage: 'train', done: 1, total: 2 }
    const died = reduceAll(initial(), [running, stage, stepBody(1), { type: 'state', state: 'interrupted', failure }])
    expect(died).toMatchObject({ state: 'interrupted', failure })
    expect(died).not.toHaveProperty('stage')
    expect(died).not.toHaveProperty('secondsLeft')
    expect(reduceAll(died, [running])).not.toHaveProperty('failure')
  })

  it('drops what a resumed run makes anew', () => {
    const before = [1, 2, 3, 4].flatMap((step) => [
      stepBody(step),
      evaluation(step, 1),
      sample(step, 0),
      sample(step, 1),
    ])
    const view = reduceAll(initial(), [evaluation(0, 2), ...before, checkpoint(2), checkpoint(4), resumeAt(2)])
    const stepsOf = (list: readonly { step: number }[]): number[] => list.map((item) => item.step)
    expect(view.step).toBe(2)
    expect(stepsOf(view.points)).toEqual([1, 2])
    expect(stepsOf(view.evaluations)).toEqual([0, 1, 2])
    expect(stepsOf(view.samples)).toEqual([1, 1, 2, 2])
    expect(stepsOf(view.checkpoints)).toEqual([2])
    expect(stepsOf(reduceAll(view, [stepBody(3), checkpoint(3)]).points)).toEqual([1, 2, 3])
  })

  it('begins anew where a run is resumed from nothing', () => {
    const view = reduceAll(initial(), [
      evaluation(0, 2),
      stepBody(1),
      { type: 'result', result: { a: 1 } },
      resumeAt(0),
    ])
    expect(view).toMatchObject({ step: 0, points: [], evaluations: [{ step: 0 }] })
    expect(view).not.toHaveProperty('result')
  })

  it('takes a second word on the same step for the better one', () => {
    const twice = [evaluation(2, 3), evaluation(2, 1), sample(2, 0), sample(2, 1), sample(2, 0), checkpoint(2)]
    const view = reduceAll(initial(), [...twice, checkpoint(2, true), stepBody(3, 9), stepBody(3, 8)])
    expect(view.evaluations).toMatchObject([{ loss: 1 }])
    expect(view.samples).toMatchObject([{ index: 0 }])
    expect(view.checkpoints).toEqual([{ step: 2, best: true }])
    expect(view.points).toMatchObject([{ loss: 8 }])
  })

  it('is the same however often and from wherever overlapping events come', () => {
    const bodies = [running, ...Array.from({ length: 12 }, (_, index) => stepBody(index + 1))]
    const events = bodies.map((body, index) => eventOf(index + 1, body))
    const whole = reduceAll(initial(), bodies)
    fc.assert(
      fc.property(fc.nat(13), fc.nat(13), (snapshotAt, overlap) => {
        const from = Math.max(0, snapshotAt - overlap)
        const first = events.slice(0, snapshotAt).reduce(reduceRun, initial())
        expect(events.slice(from).reduce(reduceRun, first)).toEqual(whole)
      }),
    )
  })

  it('grows its lists in place, so that 100,000 steps cost 100,000 pushes', () => {
    const counted = countingPushes<RunView['points'][number]>()
    let view: RunView = { ...initial(), points: counted.list }
    for (let step = 1; step <= 100_000; step++) view = reduceRun(view, eventOf(step, stepBody(step)))
    expect(view.points).toBe(counted.list)
    expect(view.points).toHaveLength(100_000)
    expect(counted.writes()).toBe(200_000)
    const rewound = reduceRun(view, eventOf(100_001, resumeAt(99_990)))
    expect(rewound.points).toHaveLength(99_990)
    expect(counted.writes()).toBeLessThan(200_100)
  })

  it('does not let a snapshot change', () => {
    const view = reduceAll(initial(), [running, stepBody(1), evaluation(1, 2), sample(1, 0), checkpoint(1)])
    const snapshot = snapshotRunView(view)
    const copy = structuredClone(snapshot)
    reduceAll(view, [stepBody(2), evaluation(2, 2), sample(2, 0), checkpoint(2), resumeAt(0)])
    expect(snapshot).toEqual(copy)
  })
})

describe('a run’s summary', () => {
  it('shows how far it is and how good it was', () => {
    const view = reduceAll(initial(), [running, prepared, stepBody(1, 2.5), evaluation(1, 1.5), evaluation(2, 1.75)])
    expect(summariseRun(view)).toEqual({
      id: 'r',
      name: 'Pirate LoRA',
      createdAt: TIME,
      state: 'running',
      method: 'lora',
      step: 1,
      steps: 40,
      lastLoss: 2.5,
      bestLoss: 1.5,
    })
  })

  it('leaves out what is not known yet, and calls a nameless run by its id', () => {
    const summary = summariseRun(initialRunView({ id: 'r', createdAt: TIME, spec: someSpec('') }))
    expect(summary).toEqual({ id: 'r', name: 'r', createdAt: TIME, state: 'queued', method: 'lora', step: 0 })
  })
})

/** A list that counts the writes to it: each push is one to a place and one to the length. */
function countingPushes<T>(): { list: T[]; writes(): number } {
  let writes = 0
  const list = new Proxy<T[]>([], {
    set(target, key, value, receiver) {
      writes++
      return Reflect.set(target, key, value, receiver)
    },
    deleteProperty(target, key) {
      writes++
      return Reflect.deleteProperty(target, key)
    },
  })
  return { list, writes: () => writes }
}
