import type { JobControl } from '../../../preload/contract'
import type { JobContext } from './job-context'

export type StepVerdict = 'go-on' | 'stop-keep' | 'stop-discard'

/**
 * To be awaited between two steps: takes the controls that have arrived, waits while paused, and says what the loop
 * is to do next. Tells `paused`, and `running` when the pause is over.
 * @param saveCheckpoint saves the work as it stands after the last step
 */
export async function obeyControls(context: JobContext, saveCheckpoint: () => Promise<void>): Promise<StepVerdict> {
  let isPaused = false
  let arrived = await context.breathe()
  for (;;) {
    const stop = stopAmong(arrived)
    if (stop) return stop
    if (arrived.includes('checkpoint')) await saveCheckpoint()
    const turns = arrived.filter((control) => control === 'pause' || control === 'resume')
    if (turns.length > 0) {
      isPaused = turns.at(-1) === 'pause'
      // Also for a pause that is over before it began: the supervisor has announced it, and wants an answer.
      context.emit({ type: 'state', state: isPaused ? 'paused' : 'running' })
    }
    if (!isPaused) return 'go-on'
    await context.controls.arrived()
    arrived = context.controls.take()
  }
}

/** Who wants to discard has thought twice, in whatever order the two came. */
function stopAmong(controls: readonly JobControl[]): 'stop-keep' | 'stop-discard' | undefined {
  if (controls.includes('stop-discard')) return 'stop-discard'
  return controls.includes('stop-keep') ? 'stop-keep' : undefined
}
