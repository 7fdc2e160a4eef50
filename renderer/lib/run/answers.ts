import type { RunView } from '../../../preload/contract'

type Sample = RunView['samples'][number]

/** All answers to one held-out prompt, in the order of training. */
export interface PromptAnswers {
  readonly index: number
  readonly prompt: string
  readonly expected: string
  readonly answers: readonly { readonly step: number; readonly answer: string; readonly matches: boolean }[]
}

const normalise = (text: string): string => text.trim().replace(/\s+/g, ' ')

/** Whether an answer is the expected one, spacing aside. */
export const matches = (answer: string, expected: string): boolean => normalise(answer) === normalise(expected)

/** Gathers sample answers by prompt. */
export function groupAnswers(samples: readonly Sample[]): PromptAnswers[] {
  const groups = new Map<number, Sample[]>()
  for (const sample of samples) groups.set(sample.index, [...(groups.get(sample.index) ?? []), sample])
  return [...groups.entries()]
    .sort(([a], [b]) => a - b)
    .map(([index, list]) => {
      const sorted = [...list].sort((a, b) => a.step - b.step)
      const first = sorted[0] as Sample
      return {
        index,
        prompt: first.prompt,
        expected: first.expected,
        answers: sorted.map(({ step, answer }) => ({ step, answer, matches: matches(answer, first.expected) })),
      }
    })
}

/** The first and the last of a list that has at least two; undefined otherwise. */
export function ends<T>(list: readonly T[]): { readonly before: T; readonly after: T } | undefined {
  const before = list[0]
  const after = list[list.length - 1]
  return before !== undefined && after !== undefined && list.length > 1 ? { before, after } : undefined
}

/** The steps of a long list that are worth showing at once: the first and the last few. */
export function fold<T>(list: readonly T[], kept: number): readonly T[] {
  return list.length <= kept ? list : [...list.slice(0, 1), ...list.slice(1 - kept)]
}
