import { GraftError } from '../errors'
import { isExactMatch, labelOf, normaliseAnswer } from '../text'
import { macroF1 } from './macro-f1'

/** A held-out question as token ids, and the text that should follow. */
export interface AnswerRow {
  readonly ids: readonly number[]
  readonly expected: string
}

export interface ScoredAnswer {
  readonly answer: string
  readonly expected: string
  /** The label that the answer names; absent where it names none, or where there are no labels. */
  readonly label?: string
  readonly isCorrect: boolean
}

export interface AnswerScore {
  readonly metric: 'exact-match' | 'accuracy'
  /** Share of correct answers, 0 to 1. */
  readonly value: number
  /** Where there are labels. */
  readonly macroF1?: number
  /** Share of answers that name no label, where there are labels. */
  readonly noLabel?: number
  /** In the order of the rows. */
  readonly answers: readonly ScoredAnswer[]
}

export interface ScoreInput {
  readonly rows: readonly AnswerRow[]
  /** With labels an answer counts by the label that it starts with, without them by its whole text. */
  readonly labels?: readonly string[]
  readonly answer: (ids: readonly number[]) => Promise<string>
  readonly onAnswer?: (answer: ScoredAnswer, index: number) => void
  /** Awaited between rows; to end early it throws. */
  readonly breathe?: () => Promise<unknown>
}

function judge(answer: string, expected: string, labels: readonly string[] | undefined): ScoredAnswer {
  if (!labels) return { answer, expected, isCorrect: isExactMatch(answer, expected) }
  const label = labelOf(answer, labels)
  if (label === undefined) return { answer, expected, isCorrect: false }
  return { answer, expected, label, isCorrect: isExactMatch(label, expected) }
}

/**
 * Lets the model answer every row and compares: exact match (blanks aside), or accuracy where labels are given. The text
 * that the model says decides, not which label it finds likeliest: that is what a person gets from it, and costs one
 * answer a row where likelihoods cost one for each label.
 * @throws GraftError `dataset-empty` without rows
 */
export async function scoreAnswers(input: ScoreInput): Promise<AnswerScore> {
  const { rows, labels, answer, onAnswer, breathe = async () => {} } = input
  if (rows.length === 0)
    throw new GraftError(
      'dataset-empty',
      'scoring: expected rows to answer, got none; add rows to the evaluation split',
    )
  const answers: ScoredAnswer[] = []
  for (const [index, { ids, expected }] of rows.entries()) {
    const scored = judge(await answer(ids), expected, labels)
    answers.push(scored)
    onAnswer?.(scored, index)
    await breathe()
  }
  const share = (isMeant: (answer: ScoredAnswer) => boolean): number => answers.filter(isMeant).length / rows.length
  const value = share(({ isCorrect }) => isCorrect)
  if (!labels) return { metric: 'exact-match', value, answers }
  const noLabel = share(({ label }) => label === undefined)
  return { metric: 'accuracy', value, macroF1: macroF1(answers.map(asPair)), noLabel, answers }
}

function asPair({ expected, label, isCorrect }: ScoredAnswer): readonly [expected: string, said: string | undefined] {
  const meant = normaliseAnswer(expected)
  return [meant, isCorrect ? meant : label && normaliseAnswer(label)]
}
