import { createPinia, setActivePinia } from 'pinia'
import { beforeEach, describe, expect, it, vi } from 'vitest'
import { implement, createRouterClient } from '@orpc/server'
import { contract, type JobEvent } from '../../../preload/contract'
import { useConnection } from '../../../renderer/lib/client'
import { foldEvents } from '../../../renderer/lib/run/fold-run'
import { useLive } from '../../../renderer/stores/live'
import { freshRun, numbered, wholeRun } from '../make-run'

const api = implement(contract)

/** A service with one run, whose first stream breaks in the middle. */
function connectTo(all: readonly JobEvent[]) {
  const calls = { get: 0, streams: [] as number[] }
  const router = {
    runs: {
      get: api.runs.get.handler(({ input, errors }) => {
        calls.get++
        if (input.id === 'run') return foldEvents(freshRun(), all.slice(0, 2))
        throw errors.FAILURE({ data: { code: 'run-missing', message: 'gone' } })
      }),
      events: api.runs.events.handler(async function* ({ input }) {
        calls.streams.push(input.after)
        yield* all.slice(input.after, calls.streams.length === 1 ? input.after + 3 : undefined)
        if (calls.streams.length === 1) throw new TypeError('network gone')
      }),
    },
  }
  // The live store calls nothing else of the contract.
  useConnection(createRouterClient(router) as unknown as Parameters<typeof useConnection>[0])
  return calls
}

describe('the live store', () => {
  beforeEach(() => setActivePinia(createPinia()))

  it('follows a run through a broken stream, once for all who watch', async () => {
    const calls = connectTo(numbered(wholeRun(5)))
    const live = useLive()
    const releases = [live.watchRun('run'), live.watchRun('run')]
    await vi.waitFor(() => expect(live.views.get('run')?.state).toBe('done'), { timeout: 5000 })
    expect(calls).toEqual({ get: 1, streams: [2, 5] })
    expect(live.views.get('run')?.points).toHaveLength(5)
    expect(live.troubles.size).toBe(0)
    releases.forEach((release) => release())
  })

  it('says why a run cannot be shown, and does not ask again', async () => {
    const calls = connectTo([])
    const live = useLive()
    const release = live.watchRun('other')
    await vi.waitFor(() => expect(live.troubles.get('other')?.code).toBe('run-missing'))
    expect(calls.get).toBe(1)
    release()
  })
})
