export {
  classify,
  probabilitiesOf,
  scoreClasses,
  type ClassesResult,
  type ClassResult,
  type Confusion,
} from './evaluate-classes'
export { evaluateLoss, perplexityOf, type LossBatch, type LossResult } from './evaluate-loss'
export { scoreAnswers, type AnswerRow, type AnswerScore, type ScoredAnswer, type ScoreInput } from './score-answers'
