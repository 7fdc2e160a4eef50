import { ref, shallowRef } from 'vue'
import type { Failure } from '../../preload/contract'
import { toFailure } from '../lib/failure'

/** Runs one thing at a time and keeps what went wrong, for the button's disabled state and the card beside it. */
export function useAction() {
  const busy = ref(false)
  const failure = shallowRef<Failure>()
  async function attempt(task: () => Promise<unknown>): Promise<void> {
    if (busy.value) return
    busy.value = true
    failure.value = undefined
    try {
      await task()
    } catch (error) {
      failure.value = toFailure(error)
    } finally {
      busy.value = false
    }
  }
  return { busy, failure, attempt }
}
