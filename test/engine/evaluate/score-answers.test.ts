import { describe, expect, it } from 'vitest'
import { scoreAnswers, type ScoredAnswer } from '../../../main/engine/evaluate'

const rows = [
  { ids: [0], expected: 'positive' },
  { ids: [1], expected: 'negative' },
  { ids: [2], expected: 'positive' },
  { ids: [3], expected: 'mixed' },
]
const said = [' positive\n', 'negative, I think', 'positively', 'positive']
const answer = async ([id]: readonly number[]): Promise<string> => said[id!]!

describe('scoreAnswers', () => {
  it('compares whole texts where there are no labels', async () => {
    const { metric, value, answers } = await scoreAnswers({ rows, answer })
    expect({ metric, value }).toEqual({ metric: 'exact-match', value: 0.25 })
    expect(answers[0]).toEqual({ answer: ' positive\n', expected: 'positive', isCorrect: true })
  })

  it('compares labels where there are some', async () => {
    const { metric, value, answers } = await scoreAnswers({ rows, labels: ['positive', 'negative'], answer })
    expect({ metric, value }).toEqual({ metric: 'accuracy', value: 0.5 })
    expect(answers.map(({ label }) => label)).toEqual(['positive', 'negative', undefined, 'positive'])
  })

  it('tells how the labels do one by one, and how many answers name none', async () => {
    const { macroF1, noLabel } = await scoreAnswers({ rows, labels: ['positive', 'negative', 'mixed'], answer })
    // positive: 1 right, said 2 times, expected 2 times; negative: 1, 1, 1; mixed: 0, 0, 1.
    expect(macroF1).toBeCloseTo((0.5 + 1 + 0) / 3)
    expect(noLabel).toBe(0.25)
    const never = await scoreAnswers({ rows, labels: ['other'], answer: async () => 'nothing' })
    expect(never).toMatchObject({ value: 0, macroF1: 0, noLabel: 1 })
    expect(await scoreAnswers({ rows, answer })).not.toHaveProperty('macroF1')
  })

  it('counts no answer as right that names no label, whatever was expected', async () => {
    const { value } = await scoreAnswers({ rows: [{ ids: [2], expected: 'positively' }], labels: ['positive'], answer })
    expect(value).toBe(0)
  })

  it('tells every answer in order and breathes after each', async () => {
    const told: [ScoredAnswer, number][] = []
    let breaths = 0
    const onAnswer = (scored: ScoredAnswer, index: number): void => void told.push([scored, index])
    const { answers } = await scoreAnswers({ rows, answer, onAnswer, breathe: async () => void breaths++ })
    expect(told).toEqual(answers.map((scored, index) => [scored, index]))
    expect(breaths).toBe(rows.length)
  })

  it('needs rows', async () => {
    await expect(scoreAnswers({ rows: [], answer })).rejects.toMatchObject({ code: 'dataset-empty' })
  })
})
