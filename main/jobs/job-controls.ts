import type { JobControl, JobKind, JobState } from '../../preload/contract'
import { HostError } from '../files'

interface ControlRule {
  /** The states in which the action makes sense. */
  readonly from: readonly JobState[]
  /** What the job says at once; the worker, which may be deep in a native step, says the rest when it gets there. */
  readonly announces?: JobState
}

const rules: Readonly<Record<JobControl, ControlRule>> = {
  pause: { from: ['running'], announces: 'pausing' },
  resume: { from: ['pausing', 'paused'] },
  checkpoint: { from: ['running', 'pausing', 'paused'] },
  'stop-keep': { from: ['queued', 'running', 'pausing', 'paused'], announces: 'stopping' },
  'stop-discard': { from: ['queued', 'running', 'pausing', 'paused', 'stopping'], announces: 'stopping' },
}

/** Jobs that work in steps, between which they can wait. The others can only be given up. */
const steppedKinds: readonly JobKind[] = ['train']

export const isStepped = (kind: JobKind): boolean => steppedKinds.includes(kind)

/** The state that a job in an outside-visible `state` takes when it ends before its work began. */
export const endOfUnstarted: Readonly<Partial<Record<JobControl, JobState>>> = {
  'stop-keep': 'stopped',
  'stop-discard': 'discarded',
}

/**
 * The rule of an action that makes sense now.
 * @throws HostError `control-refused`
 */
export function checkControl(action: JobControl, kind: JobKind, state: JobState): ControlRule {
  const rule = rules[action]
  const isPossible = rule.from.includes(state) && (isStepped(kind) || endOfUnstarted[action] !== undefined)
  if (isPossible) return rule
  throw new HostError(
    'control-refused',
    `job: expected an action that fits its state, got "${action}" for one (${kind}) that is ${state}; look at it again`,
    { action, kind, state },
  )
}
