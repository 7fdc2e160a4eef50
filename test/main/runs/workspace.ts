import { mkdtemp } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createRun, openRun, reduceRun } from '../../../main/runs'
import { runSpecSchema, type JobEvent, type JobEventBody, type RunSpec, type RunView } from '../../../preload/contract'

export const TIME = '2026-03-04T05:06:07.000Z'
export const now = (): string => TIME

export const newRunsFolder = (): Promise<string> => mkdtemp(join(tmpdir(), 'graft-runs-'))

export const someSpec = (name = 'Pirate LoRA'): RunSpec =>
  runSpecSchema.parse({ name, model: { kind: 'starter' }, dataset: { id: 'd' }, method: { id: 'lora' } })

export const eventOf = (seq: number, body: JobEventBody): JobEvent => ({ seq, time: TIME, ...body })

export const stepBody = (step: number, loss = 1): JobEventBody => {
  const rates = { tokensPerSecond: 9, trainedTokensPerSecond: 4, secondsLeft: 3 }
  const rest = { learningRate: 0.1, gradNorm: 1, tokens: step, trainedTokens: step, memory: 7, ...rates }
  return { type: 'step', step, loss, ...rest }
}

export const reduceAll = (view: RunView, bodies: readonly JobEventBody[]): RunView =>
  bodies.reduce((state, body) => reduceRun(state, eventOf(state.lastSeq + 1, body)), view)

/** Creates a run whose log holds these events. */
export async function runWith(runs: string, suffix: string, bodies: readonly JobEventBody[]): Promise<string> {
  const { id } = await createRun(runs, { spec: someSpec(), createdAt: TIME, suffix })
  const run = await openRun(runs, id)
  bodies.forEach((body, index) => run.log.append(eventOf(index + 1, body)))
  await run.close()
  return id
}
