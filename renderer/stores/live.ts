import { defineStore } from 'pinia'
import { shallowReactive } from 'vue'
import type { Failure, RunView } from '../../preload/contract'
import { api } from '../lib/client'
import { toFailure } from '../lib/failure'
import { followRun, type RunSource } from '../lib/run/follow-run'
import { wait } from '../lib/wait'

interface Follower {
  users: number
  abort: AbortController
}

const interval = 80
/** Failures that time may cure; any other means that the run cannot be shown. */
const passing: ReadonlySet<string> = new Set(['connection-lost', 'unexpected'])

const source: RunSource = {
  get: async (id) => (await api()).runs.get({ id }),
  events: async (id, after, signal) => (await api()).runs.events({ id, after }, { signal }),
}

/** Runs that are being watched, each through one stream however many parts of the page look at it. */
export const useLive = defineStore('live', () => {
  const views = shallowReactive(new Map<string, RunView>())
  const troubles = shallowReactive(new Map<string, Failure>())
  const followers = new Map<string, Follower>()

  function start(id: string): AbortController {
    const abort = new AbortController()
    const onTrouble = (error: unknown): 'retry' | 'give-up' => {
      if (error === undefined) {
        troubles.delete(id)
        return 'retry'
      }
      const failure = toFailure(error)
      troubles.set(id, failure)
      return passing.has(failure.code) ? 'retry' : 'give-up'
    }
    const onView = (view: RunView): void => void views.set(id, view)
    void followRun({ id, source, signal: abort.signal, onView, onTrouble, wait, interval })
    return abort
  }
  /** Watches a run until the returned function is called. */
  function watchRun(id: string): () => void {
    const known = followers.get(id)
    const follower = known ?? { users: 0, abort: start(id) }
    follower.users++
    followers.set(id, follower)
    let released = false
    return () => {
      if (released) return
      released = true
      if (--follower.users > 0) return
      follower.abort.abort()
      followers.delete(id)
    }
  }
  /** Looks again at a run whose stream had ended: it was resumed. */
  function restart(id: string): void {
    const follower = followers.get(id)
    if (!follower) return
    follower.abort.abort()
    follower.abort = start(id)
  }
  return { views, troubles, watchRun, restart }
})
