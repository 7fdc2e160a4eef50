import { onBeforeUnmount, onMounted } from 'vue'
import { wait } from '../lib/wait'

/** Calls `task` now and again and again, `milliseconds` after each end, while the page can be seen. */
export function usePolling(task: () => Promise<void>, milliseconds: number): void {
  const abort = new AbortController()
  onMounted(async () => {
    while (!abort.signal.aborted) {
      if (!document.hidden) await task()
      await wait(milliseconds, abort.signal)
    }
  })
  onBeforeUnmount(() => abort.abort())
}
