import type { RunSpec } from '../../../../preload/contract'
import { countParameters } from '../../../engine/models'
import { perplexityOf } from '../../../engine/evaluate'
import { forecastMemory, initialiseTrainables } from '../../../engine/plan'
import { createRng, deriveSeed } from '../../../engine/rng'
import {
  bucketsOf,
  initialProgress,
  totalSteps,
  train,
  type Progress,
  type TrainHost,
  type TrainingData,
} from '../../../engine/train'
import { readRun, readRunView, runPaths, type RunPaths } from '../../../runs'
import { RESUME_STAGE } from '../../../../preload/contract'
import { trainPayloadSchema } from '../../protocol'
import type { JobContext, JobEnding, JobHandler } from '../job-context'
import { obeyControls, type StepVerdict } from '../obey-controls'
import { threadsOfRun } from '../tuning/machine'
import { createMeasure, type Measure } from '../tuning/measure'
import { openModel, type OpenModel } from '../tuning/open-model'
import { prepareRows, type PreparedRows } from '../tuning/prepare-rows'
import { fingerprintsOf, requireSameData } from '../tuning/rows/same-data'
import { rememberWords, type RecentWords } from '../tuning/recent-words'
import { loadResult, resultCheckpoint, resumeFrom, saveCheckpoint, type ResumePoint } from '../tuning/run-checkpoints'
import { createStepMeter } from '../tuning/step-meter'
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
  readonly data: TrainingData
  readonly measure: Measure
  readonly steps: number
}

function trainingData({ training }: RunSpec, model: OpenModel, rows: PreparedRows): TrainingData {
  const { batchSize, accumulation, seed } = training
  return {
    examples: rows.train,
    batchSize,
    accumulation,
    maxLength: rows.maxLength,
    seed,
    padId: model.tokenizer.padId,
  }
}

/** Compiles the plans of every padded length before the first step, so that no step waits for a compiler. */
async function preparePlans({ engine, data, measure, context }: Bench): Promise<void> {
  const plans = [
    ...bucketsOf(data).map((length) => engine.trainingPlan({ length })),
    ...measure.buckets.map((length) => engine.evaluationPlan({ length })),
  ]
  await engine.executor.prepare(plans, (done, total) => context.emit({ type: 'stage', stage: 'compile', done, total }))
}

function tellPrepared({ engine, data, rows, model, steps, context }: Bench, threads: number): void {
  const buckets = bucketsOf(data)
  context.emit({
    type: 'prepared',
    modelName: model.name,
    parameters: countParameters(model.definition),
    trainableParameters: engine.method.trainable.reduce((sum, { shape }) => sum + shape.reduce((a, b) => a * b, 1), 0),
    trainRows: rows.train.length,
    validationRows: rows.validation.length,
    ...fingerprintsOf(rows),
    notes: [...rows.notes],
    steps,
    threads,
    buckets: [...buckets],
    memory: [...forecastMemory(buckets.map((length) => engine.trainingPlan({ length })))],
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
    onStep({ progress, loss, gradNorm, learningRate, tokens }) {
      const rate = meter(tokens, context.clock() - startedAt, steps - progress.step)
      const memory = context.residentBytes()
      context.emit({
        type: 'step',
        step: progress.step,
        loss,
        learningRate,
        gradNorm,
        tokens: progress.tokens,
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

/** How the untrained model does: loss and sample answers, before the first step. */
async function measureBefore({ measure, context }: Bench): Promise<void> {
  const result = await measure.loss()
  await measure.samples(0)
  if (result)
    context.emit({ type: 'evaluation', step: 0, loss: result.loss, perplexity: result.perplexity, best: false })
}

/** The first values of the trained tensors: a function of the run's seed. `again`: also of those the base model brings. */
function initialise({ engine, spec, model }: Bench, again: boolean): Promise<void> {
  const rng = createRng(deriveSeed(spec.training.seed, 'initial weights'))
  return initialiseTrainables(engine.executor, engine.method, rng, again ? model.checkpoint : undefined)
}

/**
 * Scores the result (the best checkpoint, which is also what is exported) and the untrained model. The latter only now:
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
  await initialise(bench, true)
  const before = await measure.score()
  if (before) context.emit({ type: 'score', step: 0, score: before })
  return step
}

async function startingPoint(bench: Bench, runId: string, resume: boolean): Promise<Progress> {
  const { engine, paths, context } = bench
  await initialise(bench, false)
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
  const { engine, model, data, rows, steps, spec, context } = bench
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
    data,
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
    const data = trainingData(spec, model, rows)
    engine = await openEngine(spec, model, context, { threads, longest: Math.max(...bucketsOf(data)) })
    const measure = createMeasure(spec, model, rows, engine, context)
    const steps = totalSteps(data, { steps: spec.training.steps, epochs: rows.epochs })
    const bench: Bench = { spec, paths, context, words, model, rows, engine, data, measure, steps }
    tellPrepared(bench, threads)
    await preparePlans(bench)
    const from = await startingPoint(bench, runId, resume)
    return await trainRun(bench, runId, from)
  } finally {
    await engine?.dispose()
    await model.close()
  }
}
