import type { JobContext } from '../../job-context'

const ROWS_BETWEEN_BREATHS = 64
/** Every event is written to the run's log. */
const TELL_EVERY_MS = 250

/** To be awaited with each row: lets messages arrive, and tells how far the preparation is. */
export function rowProgress({ emit, clock, pass }: JobContext, total: number): () => Promise<void> {
  let done = 0
  let last = -TELL_EVERY_MS
  return async () => {
    if (done++ % ROWS_BETWEEN_BREATHS !== 0) return
    await pass()
    if (clock() - last < TELL_EVERY_MS) return
    last = clock()
    emit({ type: 'stage', stage: 'tokenise', done: done - 1, total })
  }
}
