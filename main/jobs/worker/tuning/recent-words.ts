import { z } from 'zod'
import { jobEventBodySchema, type JobEventBody, type RunView } from '../../../../preload/contract'
import type { JobContext } from '../job-context'

/** Events that are a run's record: each is told once, when its step is made, and never again. */
type Word = Extract<JobEventBody, { type: 'step' | 'evaluation' | 'sample' }>

const isWord = (body: JobEventBody): body is Word =>
  body.type === 'step' || body.type === 'evaluation' || body.type === 'sample'

export const wordsSchema = z.array(
  jobEventBodySchema.transform((body, { addIssue }) => (isWord(body) ? body : (addIssue('no word of a run'), z.NEVER))),
)

/** More than a supervisor can have heard without having it on the disk yet. */
const KEPT = 256

/**
 * The newest words of a run. They go with every checkpoint: where the supervisor dies it takes along what it had not yet
 * written down, while its worker goes on to the end of the step. Whoever resumes tells it again.
 */
export interface RecentWords {
  /** Emits like the context given, and remembers. */
  readonly context: JobContext
  /** Oldest first. */
  list(): readonly Word[]
  /** Remembers what a checkpoint had, and tells what the run's log lacks of it. */
  retell(words: readonly Word[], logged: RunView): void
}

export function rememberWords(context: JobContext): RecentWords {
  let words: Word[] = []
  const remember = (body: Word): void => {
    words.push(body)
    // Cut rarely: moving the list at every word would cost more than the list.
    if (words.length >= 2 * KEPT) words = words.slice(-KEPT)
  }
  return {
    context: {
      ...context,
      emit(body) {
        if (isWord(body)) remember(body)
        context.emit(body)
      },
    },
    list: () => words.slice(-KEPT),
    retell(known, logged) {
      known.forEach(remember)
      // A log loses its end, never its middle; and a view takes words in their order only.
      const first = known.findIndex((word) => !isLogged(word, logged))
      if (first >= 0) known.slice(first).forEach(context.emit)
    },
  }
}

function isLogged(word: Word, { points, evaluations, samples }: RunView): boolean {
  const isSameStep = ({ step }: { readonly step: number }): boolean => step === word.step
  if (word.type === 'step') return points.some(isSameStep)
  if (word.type === 'evaluation') return evaluations.some(isSameStep)
  return samples.some((sample) => isSameStep(sample) && sample.index === word.index)
}
