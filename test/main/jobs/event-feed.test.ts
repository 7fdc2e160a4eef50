import { setImmediate as nextTurn } from 'node:timers/promises'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createEventFeed, createMemoryLog, type EventLog } from '../../../main/jobs/event-feed'
import type { JobEvent } from '../../../preload/contract'
import { collect } from './studio'

/** A log that takes its time, so that what is published meanwhile has to wait. */
function slowLog(): EventLog {
  const log = createMemoryLog()
  return { ...log, flush: () => nextTurn().then(() => nextTurn()) }
}

function feedOver(log: EventLog, told: JobEvent[] = [], failures: unknown[] = []): ReturnType<typeof createEventFeed> {
  return createEventFeed({
    log,
    now: () => '2026-01-01T00:00:00.000Z',
    onEvent: (event) => told.push(event),
    onLogFailure: (error) => failures.push(error),
  })
}

describe('an event feed', () => {
  it('gives each subscriber each event after its number exactly once, whenever it comes', async () => {
    const moments = fc.array(fc.record({ at: fc.nat(30), after: fc.nat(35) }), { maxLength: 6 })
    const pauses = fc.array(fc.nat(3), { minLength: 30, maxLength: 30 })
    await fc.assert(
      fc.asyncProperty(moments, pauses, async (subscriptions, turns) => {
        const feed = feedOver(slowLog())
        const reads: { after: number; seqs: Promise<number[]> }[] = []
        for (const [index, wait] of turns.entries()) {
          for (const { after } of subscriptions.filter(({ at }) => at === index)) {
            reads.push({ after, seqs: collect(feed.subscribe(after)).then((all) => all.map((event) => event.seq)) })
          }
          feed.publish({ type: 'token', text: 'x', index })
          for (let turn = 0; turn < wait; turn++) await nextTurn()
        }
        await feed.close()
        const all = turns.map((_, index) => index + 1)
        for (const { after, seqs } of reads) expect(await seqs).toEqual(all.filter((seq) => seq > after))
      }),
      { numRuns: 50 },
    )
  })

  it('goes on with the numbers of its log', async () => {
    const told: JobEvent[] = []
    const feed = feedOver({ ...createMemoryLog(), lastSeq: 41 }, told)
    feed.publish({ type: 'token', text: 'x', index: 0 })
    await feed.close()
    expect(told.map((event) => event.seq)).toEqual([42])
  })

  it('tells an event only when it is kept', async () => {
    const told: JobEvent[] = []
    let release = (): void => undefined
    const held = new Promise<void>((resolve) => (release = resolve))
    const feed = feedOver({ ...createMemoryLog(), flush: () => held }, told)
    feed.publish({ type: 'token', text: 'x', index: 0 })
    await nextTurn()
    expect(told).toEqual([])
    release()
    await feed.close()
    expect(told).toHaveLength(1)
  })

  it('reports a broken log once and keeps telling', async () => {
    const [told, failures]: [JobEvent[], unknown[]] = [[], []]
    const full = (): Promise<void> => Promise.reject(new Error('full'))
    const feed = feedOver({ ...createMemoryLog(), flush: full }, told, failures)
    feed.publish({ type: 'token', text: 'x', index: 0 })
    await nextTurn()
    feed.publish({ type: 'token', text: 'y', index: 1 })
    await feed.close()
    expect(failures).toHaveLength(1)
    expect(told).toHaveLength(2)
  })

  it('frees the place of a subscriber that leaves', async () => {
    const feed = feedOver(createMemoryLog())
    const reader = feed.subscribe(0)
    const first = reader.next()
    feed.publish({ type: 'token', text: 'x', index: 0 })
    expect((await first).value).toMatchObject({ seq: 1 })
    await reader.return()
    feed.publish({ type: 'token', text: 'y', index: 1 })
    expect(await reader.next()).toEqual({ done: true, value: undefined })
    await feed.close()
  })
})
