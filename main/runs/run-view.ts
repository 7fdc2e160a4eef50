import {
  RESUME_STAGE,
  type JobEvent,
  type JobEventBody,
  type JobState,
  type RunSpec,
  type RunSummary,
  type RunView,
} from '../../preload/contract'

/** States in which somebody is, or should be, at work. */
export const ACTIVE_STATES: readonly JobState[] = ['queued', 'running', 'pausing', 'paused', 'stopping']

export const isActive = (state: JobState): boolean => ACTIVE_STATES.includes(state)

export interface RunIdentity {
  readonly id: string
  readonly createdAt: string
  readonly spec: RunSpec
}

/** The view of a run of which nothing has been said yet. */
export function initialRunView({ id, createdAt, spec }: RunIdentity): RunView {
  const lists = { points: [], evaluations: [], samples: [], checkpoints: [], logs: [] }
  return { id, createdAt, spec, state: 'queued', step: 0, lastSeq: 0, ...lists }
}

/**
 * The view after one more event. An event that the view already holds (`seq` not above `lastSeq`) changes nothing, so
 * that a snapshot and a subscription may overlap.
 *
 * Ownership: the returned view takes over the lists of the one given, which must not be used any more. That keeps a
 * run of 100,000 steps linear; whoever hands a view out takes `snapshotRunView` first.
 *
 * A `stage` event named RESUME_STAGE rewinds: points, evaluations, samples and checkpoints of later steps than its
 * `done` were made by a worker that died before it could save them, and are dropped.
 */
export function reduceRun(view: RunView, event: JobEvent): RunView {
  if (event.seq <= view.lastSeq) return view
  const next = { ...view, lastSeq: event.seq }
  const rule = rules[event.type] as Rule<JobEvent['type']>
  rule(next, event)
  return next
}

/** A copy that later events do not touch. */
export function snapshotRunView(view: RunView): RunView {
  return {
    ...view,
    points: [...view.points],
    evaluations: [...view.evaluations],
    samples: [...view.samples],
    checkpoints: [...view.checkpoints],
    logs: [...view.logs],
  }
}

/** One row of a list of runs. */
export function summariseRun(view: RunView): RunSummary {
  const losses = view.evaluations.map((evaluation) => evaluation.loss)
  const lastLoss = view.points.at(-1)?.loss
  return {
    id: view.id,
    name: view.spec.name || view.id,
    createdAt: view.createdAt,
    state: view.state,
    method: view.spec.method.id,
    step: view.step,
    ...(view.prepared && { steps: view.prepared.steps }),
    ...(lastLoss !== undefined && { lastLoss }),
    ...(losses.length > 0 && { bestLoss: losses.reduce((best, loss) => Math.min(best, loss)) }),
  }
}

/** Writes into a view of its own (made by `reduceRun`), whose lists it may extend and cut in place. */
type Rule<T extends JobEventBody['type']> = (view: RunView, event: Extract<JobEvent, { type: T }>) => void

const rules: { readonly [T in JobEventBody['type']]: Rule<T> } = {
  state(view, { state, failure }) {
    view.state = state
    delete view.failure
    if (failure) view.failure = failure
    if (isActive(state)) return
    delete view.stage
    delete view.secondsLeft
  },
  stage(view, { stage, done, total }) {
    view.stage = { stage, done, total }
    if (stage === RESUME_STAGE) rewind(view, done)
  },
  prepared(view, event) {
    view.prepared = withoutEnvelope(event)
  },
  step(view, { secondsLeft, ...event }) {
    dropTail(view.points, (point) => point.step >= event.step)
    view.points.push(withoutEnvelope(event))
    view.step = event.step
    delete view.stage
    view.secondsLeft = secondsLeft
  },
  evaluation(view, event) {
    dropTail(view.evaluations, (evaluation) => evaluation.step >= event.step)
    view.evaluations.push(withoutEnvelope(event))
  },
  score(view, { step, score }) {
    const at = view.evaluations.findIndex((evaluation) => evaluation.step === step)
    const evaluation = view.evaluations[at]
    if (evaluation) view.evaluations[at] = { ...evaluation, score }
  },
  sample(view, event) {
    const isLater = (step: number, index: number): boolean =>
      step > event.step || (step === event.step && index >= event.index)
    dropTail(view.samples, (sample) => isLater(sample.step, sample.index))
    view.samples.push(withoutEnvelope(event))
  },
  checkpoint(view, { step, best }) {
    dropTail(view.checkpoints, (checkpoint) => checkpoint.step >= step)
    view.checkpoints.push({ step, best })
  },
  // Pieces of generated text belong to chats, which keep no view.
  token() {},
  log(view, { time, level, text }) {
    view.logs.push({ time, level, text })
  },
  result(view, { result }) {
    view.result = result
  },
}

/** What was said of steps after `step` is void. The lists ascend by step, so only their ends are looked at. */
function rewind(view: RunView, step: number): void {
  const isLater = (item: { readonly step: number }): boolean => item.step > step
  dropTail(view.points, isLater)
  dropTail(view.evaluations, isLater)
  dropTail(view.samples, isLater)
  dropTail(view.checkpoints, isLater)
  view.step = step
  delete view.result
  delete view.secondsLeft
}

function dropTail<T>(list: T[], isVoid: (item: T) => boolean): void {
  for (let last = list.at(-1); last !== undefined && isVoid(last); last = list.at(-1)) list.pop()
}

function withoutEnvelope<T extends { seq: number; time: string; type: string }>(
  event: T,
): Omit<T, 'seq' | 'time' | 'type'> {
  const { seq: _seq, time: _time, type: _type, ...body } = event
  return body
}
