export { evaluateLoss, perplexityOf, type LossBatch, type LossResult } from './evaluate-loss'
export { scoreAnswers, type AnswerRow, type AnswerScore, type ScoredAnswer, type ScoreInput } from './score-answers'
