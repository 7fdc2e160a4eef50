import { computed, type ComputedRef, onScopeDispose, watch } from 'vue'
import type { Failure, RunView } from '../../preload/contract'
import { useLive } from '../stores/live'

/** The live state of a run, for as long as the component lives; follows the id when it changes. */
export function useWatchedRun(id: () => string | undefined): {
  view: ComputedRef<RunView | undefined>
  trouble: ComputedRef<Failure | undefined>
} {
  const live = useLive()
  let release: (() => void) | undefined
  watch(
    id,
    (next) => {
      release?.()
      release = next === undefined ? undefined : live.watchRun(next)
    },
    { immediate: true },
  )
  onScopeDispose(() => release?.())
  const of = <T>(map: ReadonlyMap<string, T>) => computed(() => map.get(id() ?? ''))
  return { view: of(live.views), trouble: of(live.troubles) }
}
