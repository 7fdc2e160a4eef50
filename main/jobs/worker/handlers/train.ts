import type { RunSpec } from '../../../../preload/contract'
import { countTrainable, processMemory } from '../../../advisor'
import { countParameters } from '../../../engine/models'
import { perplexityOf } from '../../../engine/evaluate'
import { bucketsOf, initialProgress, totalSteps, train, type Progress, type TrainHost } from '../../../engine/train'
import { fingerprintBase } from '../../../models'
import { readRun, readRunView, readStartAbout, resultCheckpoint, runPaths, type RunPaths } from '../../../runs'
import { RESUME_STAGE } from '../../../../preload/contract'
import { trainPayloadSchema } from '../../protocol'
import type { JobContext, JobEnding, JobHandler } from '../job-context'
import { obeyControls, type StepVerdict } from '../obey-controls'
import { setFirstValues } from '../tuning/first-values'
import { threadsOfRun } from '../tuning/machine'
import { createMeasure, type Measure } from '../tuning/measure'
import { openModel, type OpenModel } from '../tuning/open-model'
import { prepareRows, type PreparedRows } from '../tuning/prepare-rows'
import { fingerprintsOf, requireSameData } from '../tuning/rows/same-data'
import { rememberWords, type RecentWords } from '../tuning/recent-words'
import { loadResult, resumeFrom, saveCheckpoint, type ResumePoint } from '../tuning/run-checkpoints'
import { createStepMeter } from '../tuning/step-meter'
import { layOut, type LaidOut } from '../tuning/training-data'
import { openEngine, type TuningEngine } from '../tuning/tuning-engine'

/** All that a training run works with, opened. */
interface Bench {
  readonly spec: RunSpec
  readonly paths: RunPaths
  readonly context: JobContext
  /** What was said through `context`. */
  readonly words: RecentWords
  readonly model: OpenModel
  readonly rows: PreparedRows
  readonly engine: TuningEngine
  readonly laidOut: LaidOut
  readonly measure: Measure
  readonly steps: number
}

/**
 * Compiles the plans of every padded length before the first step, so that no step waits for a compiler. The longest comes
 * first: the others' activations then find memory that is large enough.
 */
async function preparePlans({ engine, laidOut, measure, context }: Bench): Promise<void> {
  const plans = [
    ...bucketsOf(laidOut.data)
      .toReversed()
      .map((length) => engine.trainingPlan({ length })),
    ...measure.buckets.map((length) => engine.evaluationPlan({ length })),
  ]
  await engine.executor.prepare(plans, (done, total) => context.emit({ type: 'stage', stage: 'compile', done, total }))
}

async function tellPrepared(bench: Bench, threads: number): Promise<void> {
  const { engine, laidOut, rows, model, steps, context, spec, paths } = bench
  const started = spec.startFrom && (await readStartAbout(paths.start))
  const buckets = bucketsOf(laidOut.data)
  context.emit({
    type: 'prepared',
    modelName: model.name,
    parameters: countParameters(model.definition),
    trainableParameters: countTrainable(engine.method),
    trainRows: rows.train.length,
    validationRows: rows.validation.length,
    ...fingerprintsOf(rows),
    baseFingerprint: await fingerprintBase(model.definition, model.checkpoint),
    notes: [...(started?.notes ?? []), ...rows.notes, ...laidOut.notes],
    steps,
    threads,
    buckets: [...buckets],
    batchRows: laidOut.data.batchSize,
    keptLayers: engine.keepLayers,
    memory: [...processMemory(buckets.map((length) => engine.trainingPlan({ length })))],
  })
}

/** What the loop asks of its surroundings, answered by this process's files and messages. */
function createHost(bench: Bench, verdict: { last: StepVerdict }): TrainHost {
  const { context, engine, measure, paths, steps, words } = bench
  const meter = createStepMeter()
  let startedAt = context.clock()
  const save = async (progress: Progress): Promise<void> => {
    const { step, best } = await saveCheckpoint(paths.checkpoints, engine, progress, words.list())
    context.emit({ type: 'checkpoint', step, best })
  }
  return {
    onStep({ progress, loss, gradNorm, learningRate, ...counted }) {
      const rate = meter(counted, context.clock() - startedAt, steps - progress.step)
      const memory = context.residentBytes()
      context.emit({
        type: 'step',
        step: progress.step,
        loss,
        learningRate,
        gradNorm,
        tokens: progress.tokens,
        trainedTokens: progress.trainedTokens,
        memory,
        ...rate,
      })
    },
    async evaluate(step) {
      const result = await measure.loss()
      await measure.samples(step)
      return result?.loss
    },
    async onEvaluated(step, loss, best) {
      context.emit({ type: 'evaluation', step, loss, perplexity: perplexityOf(loss), best })
    },
    save,
    async control(progress) {
      verdict.last = await obeyControls(context, () => save(progress))
      startedAt = context.clock()
      return verdict.last === 'go-on' ? 'continue' : 'stop'
    },
    breathe: () => context.pass(),
  }
}

/** How the model does that training starts from: loss and sample answers, before the first step. */
async function measureBefore({ measure, context }: Bench): Promise<void> {
  const result = await measure.loss()
  await measure.samples(0)
  if (result)
    context.emit({ type: 'evaluation', step: 0, loss: result.loss, perplexity: result.perplexity, best: false })
}

/**
 * Scores the result (the best checkpoint, which is also what is exported) and the model that training started from. The latter only now:
 * nobody should wait for answers to be scored before the first step is made.
 */
async function scoreResult(bench: Bench, runId: string): Promise<number> {
  const { measure, context, engine, paths } = bench
  const checkpoint = await resultCheckpoint(paths.checkpoints, runId)
  const { step } = checkpoint
  await loadResult(checkpoint, engine)
  const after = await measure.score()
  if (!after) return step
  context.emit({ type: 'score', step, score: after })
  await setFirstValues(bench, true)
  const before = await measure.score()
  if (before) context.emit({ type: 'score', step: 0, score: before })
  return step
}

async function startingPoint(bench: Bench, runId: string, resume: boolean): Promise<Progress> {
  const { engine, paths, context } = bench
  await setFirstValues(bench, false)
  const resumed = resume ? await resumeFrom(paths.checkpoints, engine) : undefined
  if (resume)
    context.emit({ type: 'stage', stage: RESUME_STAGE, done: resumed?.progress.step ?? 0, total: bench.steps })
  if (resumed) await completeLog(bench, runId, resumed)
  else await measureBefore(bench)
  return resumed?.progress ?? initialProgress
}

/** Tells what was said before a checkpoint and is not in the log, because whoever was to write it down died. */
async function completeLog({ context, words }: Bench, runId: string, resumed: ResumePoint): Promise<void> {
  const logged = await readRunView(context.paths.runs, runId)
  words.retell(resumed.words, logged)
  const { step, best } = resumed.checkpoint
  if (logged.checkpoints.every((checkpoint) => checkpoint.step !== step))
    context.emit({ type: 'checkpoint', step, best })
}

async function trainRun(bench: Bench, runId: string, from: Progress): Promise<JobEnding> {
  const { engine, model, laidOut, rows, steps, spec, context } = bench
  const { schedule, warmup, evaluateEvery, checkpointEvery, patience } = spec.training
  const learningRate = spec.training.learningRate ?? engine.method.info.learningRate.default
  const settings = {
    steps,
    epochs: rows.epochs,
    learningRate,
    schedule,
    warmup,
    evaluateEvery,
    checkpointEvery,
    patience,
  }
  const verdict: { last: StepVerdict } = { last: 'go-on' }
  const { outcome, progress } = await train({
    executor: engine.executor,
    model: model.definition,
    method: engine.method,
    data: laidOut.data,
    planOf: engine.trainingPlan,
    settings,
    from,
    host: createHost(bench, verdict),
  })
  if (outcome === 'stopped') {
    return verdict.last === 'stop-discard'
      ? { state: 'discarded' }
      : { state: 'stopped', result: { step: progress.step } }
  }
  if (outcome === 'early')
    context.emit({ type: 'log', level: 'info', text: `Stopped early: no better validation loss.` })
  const resultStep = await scoreResult(bench, runId)
  return {
    state: 'done',
    result: { step: progress.step, resultStep, fingerprint: bench.rows.dataset.fingerprint },
  }
}

/** Trains a run, from its beginning or from its latest checkpoint. */
export const trainHandler: JobHandler = async (payload, outerContext) => {
  const { runId, resume } = trainPayloadSchema.parse(payload)
  const words = rememberWords(outerContext)
  const { context } = words
  const { spec } = await readRun(context.paths.runs, runId)
  const paths = runPaths(context.paths.runs, runId)
  const threads = await threadsOfRun(paths.root, spec.training.threads)
  if (resume) await requireSameData(spec, await readRunView(context.paths.runs, runId), context.paths.datasets)
  const model = await openModel(spec.model, context)
  let engine: TuningEngine | undefined
  try {
    const rows = await prepareRows(spec, model, context)
    const laidOut = layOut(spec, model, rows)
    const { data } = laidOut
    const longest = { batch: data.batchSize, length: Math.max(...bucketsOf(data)) }
    engine = await openEngine(spec, model, context, { threads, longest })
    const measure = createMeasure(spec, model, rows, engine, context)
    const steps = totalSteps(data, { steps: spec.training.steps, epochs: rows.epochs })
    const bench: Bench = { spec, paths, context, words, model, rows, engine, laidOut, measure, steps }
    await tellPrepared(bench, threads)
    await preparePlans(bench)
    const from = await startingPoint(bench, runId, resume)
    return await trainRun(bench, runId, from)
  } finally {
    await engine?.dispose()
    await model.close()
  }
}
