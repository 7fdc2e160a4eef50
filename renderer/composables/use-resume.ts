import { useLive } from '../stores/live'
import { useRuns } from '../stores/runs'
import { useAction } from './use-action'

/** Lets a run go on from its last checkpoint, and watches it again. */
export function useResume(id: () => string) {
  const runs = useRuns()
  const live = useLive()
  const { busy, failure, attempt } = useAction()
  const resume = (): Promise<void> =>
    attempt(async () => {
      await runs.resume(id())
      live.restart(id())
    })
  return { busy, failure, resume }
}
