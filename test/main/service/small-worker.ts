import { basename } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { exportPayloadSchema, trainPayloadSchema } from '../../../main/jobs'
import { importFile } from '../../../main/jobs/worker/handlers/import'
import type { JobContext, JobHandler } from '../../../main/jobs/worker/job-context'
import { serveJob } from '../../../main/jobs/worker/serve-job'
import { beginCheckpoint, completeCheckpoint, latestCheckpoint, readRun, runPaths } from '../../../main/runs'
import { RESUME_STAGE } from '../../../preload/contract'

/*
 * A worker that imports for real and only counts where the real one trains: what is tested with it is the way of a
 * request, of its events and of Ctrl-C, in seconds. Runs named `crash` die at step 3 of their first life;
 * runs named `deaf` do not hear that they are to stop.
 */

function emitStep({ emit }: JobContext, step: number): void {
  const rates = { tokensPerSecond: 100, trainedTokensPerSecond: 50, secondsLeft: 1 }
  const rest = { learningRate: 0.1, gradNorm: 1, memory: 1e6, ...rates }
  emit({ type: 'step', step, loss: 1 / step, tokens: 10 * step, trainedTokens: 5 * step, ...rest })
}

/** The untrained model always fails; the trained one is as good as GRAFT_TEST_SCORE says. */
function emitMeasure({ emit }: JobContext, step: number): void {
  const value = step === 0 ? 0 : Number(process.env['GRAFT_TEST_SCORE'] ?? 1)
  emit({ type: 'evaluation', step, loss: 1, perplexity: 2, best: true })
  emit({ type: 'score', step, score: { kind: 'exact-match', value, rows: 3 } })
  emit({ type: 'sample', step, index: 0, prompt: 'Say 3', expected: '3', answer: step === 0 ? 'what?' : 'three' })
}

async function save(context: JobContext, runId: string, step: number): Promise<void> {
  const folder = await beginCheckpoint(runPaths(context.paths.runs, runId).checkpoints, step)
  await completeCheckpoint(folder, step, false)
  context.emit({ type: 'checkpoint', step, best: false })
}

const train: JobHandler = async (payload, context) => {
  const { runId, resume } = trainPayloadSchema.parse(payload)
  const { spec } = await readRun(context.paths.runs, runId)
  const latest = resume ? await latestCheckpoint(runPaths(context.paths.runs, runId).checkpoints) : undefined
  const first = latest?.step ?? 0
  if (resume) context.emit({ type: 'stage', stage: RESUME_STAGE, done: first, total: 0 })
  else emitMeasure(context, 0)
  const last = spec.training.steps ?? 5
  for (let step = first + 1; step <= last; step += 1) {
    const controls = await context.breathe()
    if (controls.includes('stop-keep') && spec.name !== 'deaf')
      return save(context, runId, step - 1).then(() => ({ state: 'stopped' as const }))
    if (spec.name === 'crash' && step === 3 && !resume) process.kill(process.pid, 'SIGKILL')
    emitStep(context, step)
    await sleep(5)
  }
  emitMeasure(context, last)
  return { state: 'done', result: { counted: last } }
}

const exportRun: JobHandler = async (payload, { paths }) => {
  const { runId, format } = exportPayloadSchema.parse(payload)
  const path = runPaths(paths.runs, runId).checkpoints
  return {
    state: 'done',
    result: {
      format,
      path,
      files: [{ name: 'a', bytes: 1 }],
      usage: `load ${path}`,
      certificate: {
        version: 1,
        verdict: 'passed',
        format,
        type: 'F32',
        run: { id: runId, step: 1, software: 'Graft Studio' },
        prompts: { count: 4, from: 'held-out rows' },
        logits: { positions: 48, largestDifference: 0.000123, allowed: 0.002, spread: 1 },
        greedy: { agreeing: 48, positions: 48, required: 47 },
        template: null,
        failures: [],
      },
    },
  }
}

const sample: JobHandler = async (payload, { emit }) => {
  const { prompt } = payload as { prompt: string }
  for (const [index, text] of ['you said: ', prompt].entries()) emit({ type: 'token', text, index })
  return { state: 'done' }
}

const golden: JobHandler = async (payload) => {
  const { dir } = payload as { dir: string }
  return { state: 'done', result: { case: basename(dir), pass: basename(dir) === 'good' } }
}

const evaluate: JobHandler = async () => ({ state: 'done', result: { loss: 1.25, score: { value: 0.5, rows: 4 } } })

serveJob({
  import: async () => importFile,
  train: async () => train,
  export: async () => exportRun,
  sample: async () => sample,
  golden: async () => golden,
  evaluate: async () => evaluate,
})
