import type { JobEvent, JobState, RESUME_STAGE, RunView } from '../../../preload/contract'

type Draft = { -readonly [Key in keyof RunView]: RunView[Key] }
type EventOf<Type extends JobEvent['type']> = Extract<JobEvent, { type: Type }>
type Rules = { readonly [Type in JobEvent['type']]: (view: Draft, event: EventOf<Type>) => void }

const ended: ReadonlySet<JobState> = new Set(['done', 'stopped', 'discarded', 'failed', 'interrupted'])

/** Whether a run has come to its end (a later resume may start it again). */
export const hasEnded = (state: JobState): boolean => ended.has(state)

// Only its type: the contract's values bring their validators along, and those want eval.
const resumeStage: typeof RESUME_STAGE = 'resume'

type Stepped = { readonly step: number }

/** The part of a list of ascending steps up to and including `step`. */
function until<T extends Stepped>(list: readonly T[], step: number): readonly T[] {
  const last = list[list.length - 1]
  return last && last.step > step ? list.filter((entry) => entry.step <= step) : list
}

/** A list with its entry for a step, which takes the place of any that it holds for this or later steps. */
const put = <T extends Stepped>(list: readonly T[], entry: T): T[] => [...until(list, entry.step - 1), entry]

/** Training goes on from `step`: what was said of later ones was made by a worker that died before it could save them. */
function rewind(view: Draft, step: number): void {
  view.points = [...until(view.points, step)]
  view.evaluations = [...until(view.evaluations, step)]
  view.samples = [...until(view.samples, step)]
  view.checkpoints = [...until(view.checkpoints, step)]
  view.step = step
  delete view.result
  delete view.secondsLeft
}

const rules: Rules = {
  state: (view, { state, failure }) => {
    view.state = state
    if (failure) view.failure = failure
    else delete view.failure
    if (!hasEnded(state)) return
    delete view.stage
    delete view.secondsLeft
  },
  stage: (view, { stage, done, total }) => {
    view.stage = { stage, done, total }
    if (stage === resumeStage) rewind(view, done)
  },
  prepared: (view, { type: _type, seq: _seq, time: _time, ...prepared }) => {
    view.prepared = prepared
  },
  step: (view, { type: _type, seq: _seq, time: _time, secondsLeft, ...point }) => {
    view.points = put(view.points, point)
    view.step = point.step
    view.secondsLeft = secondsLeft
    delete view.stage
  },
  evaluation: (view, { type: _type, seq: _seq, time: _time, ...evaluation }) => {
    view.evaluations = put(view.evaluations, evaluation)
  },
  score: (view, { step, score }) => {
    view.evaluations = view.evaluations.map((entry) => (entry.step === step ? { ...entry, score } : entry))
  },
  sample: (view, { type: _type, seq: _seq, time: _time, ...sample }) => {
    const before = until(view.samples, sample.step).filter(
      ({ step, index }) => step < sample.step || index < sample.index,
    )
    view.samples = [...before, sample]
  },
  checkpoint: (view, { step, best }) => {
    view.checkpoints = put(view.checkpoints, { step, best })
  },
  token: () => undefined,
  log: (view, { time, level, text }) => {
    view.logs = [...view.logs, { time, level, text }]
  },
  result: (view, { result }) => {
    view.result = result
  },
}

/**
 * What a run looks like after more events. Events that the view already contains (by sequence number) change nothing,
 * so a stream may safely repeat itself.
 */
export function foldEvents(view: RunView, events: readonly JobEvent[]): RunView {
  const draft: Draft = { ...view }
  for (const event of events) {
    if (event.seq <= draft.lastSeq) continue
    const rule = rules[event.type] as (view: Draft, event: JobEvent) => void
    rule(draft, event)
    draft.lastSeq = event.seq
  }
  return draft
}
