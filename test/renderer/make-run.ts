import type { JobEvent, JobEventBody, RunView } from '../../preload/contract'
import { runSpecSchema } from '../../preload/contract'

type Point = RunView['points'][number]
type Evaluation = RunView['evaluations'][number]

export const point = (step: number, loss: number): Point => ({
  step,
  loss,
  learningRate: 1e-3,
  gradNorm: 1,
  tokens: step * 100,
  trainedTokens: step * 40,
  tokensPerSecond: 1000,
  trainedTokensPerSecond: 400,
  memory: 1e8,
})

export const evaluation = (step: number, loss: number): Evaluation => ({
  step,
  loss,
  perplexity: Math.exp(loss),
  best: false,
})

/** A run of which nothing has been said yet. */
export const freshRun = (id = 'run'): RunView => ({
  id,
  createdAt: '2025-06-01T10:00:00.000Z',
  spec: runSpecSchema.parse({ model: { kind: 'starter' }, dataset: { id: 'data' }, method: { id: 'lora' } }),
  state: 'queued',
  step: 0,
  points: [],
  evaluations: [],
  samples: [],
  checkpoints: [],
  logs: [],
  lastSeq: 0,
})

/** Numbers bodies from `first` on. */
export const numbered = (bodies: readonly JobEventBody[], first = 1): JobEvent[] =>
  bodies.map((body, index) => ({ seq: first + index, time: '2025-06-01T10:00:00.000Z', ...body }))

export const stepEvent = (step: number, loss = 1): JobEventBody => ({
  type: 'step',
  secondsLeft: 9,
  ...point(step, loss),
})

/** The bodies of a small whole run. */
export const wholeRun = (steps: number): JobEventBody[] => [
  { type: 'state', state: 'running' },
  { type: 'stage', stage: 'load', done: 1, total: 2 },
  { type: 'evaluation', ...evaluation(0, 3) },
  ...Array.from({ length: steps }, (_, index) => stepEvent(index + 1, 3 / (index + 1))),
  { type: 'sample', step: steps, index: 0, prompt: 'p', expected: 'e', answer: 'e' },
  { type: 'checkpoint', step: steps, best: true },
  { type: 'result', result: { step: steps } },
  { type: 'state', state: 'done' },
]
