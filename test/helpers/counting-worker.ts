import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { trainPayloadSchema } from '../../main/jobs'
import type { JobContext, JobEnding, JobHandler } from '../../main/jobs/worker/job-context'
import { obeyControls } from '../../main/jobs/worker/obey-controls'
import { serveJob } from '../../main/jobs/worker/serve-job'
import { beginCheckpoint, completeCheckpoint, latestCheckpoint, readRun, runPaths } from '../../main/runs'
import { RESUME_STAGE } from '../../preload/contract'

/**
 * A real worker whose training only counts: step n has loss 1/n, and a checkpoint holds n. What shall go wrong stands in
 * the run's name, as `kill-at-7`, `throw-at-7` or `exit-at-7`.
 */
const train: JobHandler = async (payload, context) => {
  const { runId, resume } = trainPayloadSchema.parse(payload)
  const { spec } = await readRun(context.paths.runs, runId)
  const { checkpoints } = runPaths(context.paths.runs, runId)
  let step = resume ? await load(checkpoints, context) : 0
  const save = async (): Promise<void> => {
    const folder = await beginCheckpoint(checkpoints, step)
    await writeFile(join(folder, 'count'), String(step))
    await completeCheckpoint(folder, step, false)
    context.emit({ type: 'checkpoint', step, best: false })
  }
  while (step < (spec.training.steps ?? 10)) {
    const verdict = await obeyControls(context, save)
    if (verdict === 'stop-discard') return { state: 'discarded' }
    if (verdict === 'stop-keep') return save().then((): JobEnding => ({ state: 'stopped' }))
    misbehave(spec.name, ++step, resume)
    await sleep(2)
    emitStep(context, step)
    if (spec.training.checkpointEvery > 0 && step % spec.training.checkpointEvery === 0) await save()
  }
  return { state: 'done', result: { count: step } }
}

async function load(checkpoints: string, context: JobContext): Promise<number> {
  const latest = await latestCheckpoint(checkpoints)
  const step = latest ? Number(await readFile(join(latest.folder, 'count'), 'utf8')) : 0
  context.emit({ type: 'stage', stage: RESUME_STAGE, done: step, total: 0 })
  return step
}

function misbehave(name: string, step: number, resumed: boolean): void {
  if (resumed) return
  if (name === `kill-at-${step}`) process.kill(process.pid, 'SIGKILL')
  if (name === `exit-at-${step}`) process.stderr.write('native library: out of luck\n', () => process.exit(3))
  if (name === `throw-at-${step}`) throw new Error('the count is off')
}

function emitStep(context: JobContext, step: number): void {
  const rates = { tokensPerSecond: 100, trainedTokensPerSecond: 50, secondsLeft: 1 }
  const rest = { learningRate: 0.1, gradNorm: 1, tokens: step * 10, trainedTokens: step * 5, ...rates }
  context.emit({ type: 'step', step, loss: 1 / step, memory: context.residentBytes(), ...rest })
}

/** Says many things at once, and its own payload. */
const sample: JobHandler = async (payload, { emit }) => {
  for (let index = 0; index < 500; index++) emit({ type: 'token', text: `${index} `, index })
  return { state: 'done', result: { payload, isBytes: payload instanceof Uint8Array } }
}

/** Works until it is told not to, and is deaf where the payload says so. */
const importData: JobHandler = async (payload, { controls }) => {
  if (payload === 'deaf') await sleep(600_000)
  await controls.arrived()
  controls.signal.throwIfAborted()
  return { state: 'done' }
}

/** Says something that is no event, then goes on. */
const golden: JobHandler = async (_payload, { emit }) => {
  emit({ type: 'stage', stage: 'strange', done: Number.NaN, total: 0 })
  return { state: 'done' }
}

serveJob({
  train: async () => train,
  sample: async () => sample,
  import: async () => importData,
  golden: async () => golden,
})
