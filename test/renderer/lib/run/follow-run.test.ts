import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { JobEvent, RunView } from '../../../../preload/contract'
import { foldEvents } from '../../../../renderer/lib/run/fold-run'
import { backOff, followRun, type RunSource } from '../../../../renderer/lib/run/follow-run'
import { freshRun, numbered, stepEvent, wholeRun } from '../../make-run'

/** What the next stream does: gives so many events, from so far behind or ahead of where it should, then ends or breaks. */
interface Habit {
  readonly gives: number
  readonly shift: number
  readonly breaks: boolean
}

/** A service that has all events but hands them out in streams with bad habits. */
function flakyService(all: readonly JobEvent[], snapshotAt: number, habits: readonly Habit[]) {
  const asked: number[] = []
  let stream = 0
  const source: RunSource = {
    get: async () => foldEvents(freshRun(), all.slice(0, snapshotAt)),
    async events(_id, after) {
      asked.push(after)
      const { gives, shift, breaks } = habits[stream++] ?? { gives: Infinity, shift: 0, breaks: false }
      const from = Math.max(0, after + shift)
      return (async function* () {
        yield* all.slice(from, from + gives)
        if (breaks) throw new TypeError('network gone')
      })()
    },
  }
  return { source, asked }
}

async function follow(source: RunSource, signal = new AbortController().signal) {
  const views: RunView[] = []
  const troubles: unknown[] = []
  const waits: number[] = []
  await followRun({
    id: 'run',
    source,
    signal,
    interval: 80,
    onView: (view) => views.push(view),
    onTrouble: (error) => {
      troubles.push(error)
      return error instanceof RangeError ? 'give-up' : 'retry'
    },
    wait: async (milliseconds) => {
      if (milliseconds !== 80) waits.push(milliseconds)
    },
  })
  return { views, troubles, waits, last: views[views.length - 1] }
}

const all = numbered(wholeRun(20))
const complete = foldEvents(freshRun(), all)
const habit = fc.record({ gives: fc.nat(9), shift: fc.integer({ min: -5, max: 3 }), breaks: fc.boolean() })

describe('followRun', () => {
  it('ends with the whole run, whatever the streams do', async () => {
    await fc.assert(
      fc.asyncProperty(fc.nat(all.length), fc.array(habit, { maxLength: 8 }), async (snapshotAt, habits) => {
        const { source } = flakyService(all, snapshotAt, habits)
        expect((await follow(source)).last).toEqual(complete)
      }),
    )
  })

  it('shows each state once and never goes back', async () => {
    const { source } = flakyService(all, 3, [
      { gives: 5, shift: -3, breaks: true },
      { gives: 4, shift: -2, breaks: false },
    ])
    const { views } = await follow(source)
    const seqs = views.map(({ lastSeq }) => lastSeq)
    expect(seqs).toEqual([...seqs].sort((a, b) => a - b))
    expect(views.at(-1)?.points.map(({ step }) => step)).toEqual(Array.from({ length: 20 }, (_, index) => index + 1))
  })

  it('asks again from the last event that it has, also after a gap', async () => {
    const { source, asked } = flakyService(all, 2, [
      { gives: 4, shift: 0, breaks: true },
      { gives: 4, shift: 3, breaks: false },
    ])
    await follow(source)
    expect(asked).toEqual([2, 6, 6])
  })

  it('waits longer from try to try, and not for ever', async () => {
    let tries = 0
    const { source } = flakyService(all, 0, [])
    const { troubles, waits } = await follow({
      ...source,
      get: async (id) => {
        if (tries++ < 4) throw new TypeError('nobody there')
        return source.get(id)
      },
    })
    expect(waits.slice(0, 4)).toEqual([500, 1000, 2000, 4000])
    expect(troubles.filter((error) => error instanceof TypeError)).toHaveLength(4)
    expect(troubles.at(-1)).toBeUndefined()
    expect(backOff(30)).toBe(10_000)
  })

  it('gives up where told that there is nothing to hope for', async () => {
    const gone: RunSource = {
      get: () => Promise.reject(new RangeError('no such run')),
      events: () => Promise.reject(new RangeError('no such run')),
    }
    const { views, troubles } = await follow(gone)
    expect(views).toEqual([])
    expect(troubles).toHaveLength(1)
  })

  it('sees a run go on that was resumed just before', async () => {
    const interrupted = numbered([...wholeRun(4).slice(0, 5), { type: 'state', state: 'interrupted' }])
    const resumed = numbered(
      [{ type: 'state', state: 'queued' }, stepEvent(3), { type: 'state', state: 'done' }],
      interrupted.length + 1,
    )
    const { source } = flakyService([...interrupted, ...resumed], interrupted.length, [])
    expect((await follow(source)).last).toMatchObject({ state: 'done', step: 3 })
  })

  it('says nothing more once it is told to stop', async () => {
    const abort = new AbortController()
    const { source } = flakyService(all, 0, [])
    const following = follow(
      {
        ...source,
        events: async (...args) => {
          abort.abort()
          return source.events(...args)
        },
      },
      abort.signal,
    )
    expect((await following).last).toEqual(freshRun())
  })
})
