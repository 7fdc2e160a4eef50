import { basename } from 'node:path'
import { z } from 'zod'
import type { RunSpec } from '../../../../preload/contract'
import type { AppliedMethod } from '../../../engine/nn'
import { readRun, resultCheckpoint, runPaths } from '../../../runs'
import { withAdapterFolder } from '../answering/speakers'
import type { JobContext, JobHandler } from '../job-context'
import { threadsOfRun } from '../tuning/machine'
import { createMeasure } from '../tuning/measure'
import { openModel, type OpenModel } from '../tuning/open-model'
import { prepareHeldRows } from '../tuning/prepare-rows'
import { loadResult } from '../tuning/run-checkpoints'
import { openEngine, type TuningEngine } from '../tuning/tuning-engine'

const payloadSchema = z.object({
  runId: z.string(),
  /** Held-out rows that the metric is taken on; absent: as many as the run says. */
  rows: z.number().int().min(1).optional(),
  /** An adapter folder: measured on the run's held-out rows in place of what the run has learned. */
  adapter: z.string().optional(),
})
type Asked = z.infer<typeof payloadSchema>
type Figures = Readonly<Record<string, unknown>>

/** What is on the model while it is measured. */
interface Measured {
  readonly spec: RunSpec
  /** Absent: the spec's. */
  readonly method?: AppliedMethod
  /** Loads the trained values. */
  fill(engine: TuningEngine): Promise<void>
}

async function measure(
  { spec, method, fill }: Measured,
  threads: number,
  model: OpenModel,
  context: JobContext,
): Promise<Figures> {
  const rows = await prepareHeldRows(spec, model, context)
  const engine = await openEngine(spec, model, context, { threads, ...(method && { method }) })
  try {
    const measures = createMeasure(spec, model, rows, engine, context)
    await engine.executor.prepare(measures.buckets.map((length) => engine.evaluationPlan({ length })))
    await fill(engine)
    const loss = await measures.loss()
    const score = await measures.score()
    return {
      ...(loss ? { loss: loss.loss, perplexity: loss.perplexity, tokens: loss.tokens } : {}),
      ...(score ? { score } : {}),
    }
  } finally {
    await engine.dispose()
  }
}

/** The run's result, or the adapter in its place. */
async function measureAsked(
  { runId, adapter }: Asked,
  spec: RunSpec,
  model: OpenModel,
  context: JobContext,
): Promise<Figures> {
  const paths = runPaths(context.paths.runs, runId)
  const threads = await threadsOfRun(paths.root, spec.training.threads)
  if (adapter === undefined) {
    const checkpoint = await resultCheckpoint(paths.checkpoints, runId)
    const fill = (engine: TuningEngine): Promise<void> => loadResult(checkpoint, engine)
    return { step: checkpoint.step, ...(await measure({ spec, fill }, threads, model, context)) }
  }
  const folder = { path: adapter, name: `adapter "${basename(adapter)}"` }
  return withAdapterFolder(folder, model, context, async ({ method, values, read }) => {
    const fill = async ({ executor }: TuningEngine): Promise<void> => {
      for (const { name } of method.trainable) await executor.upload(name, await read(name))
    }
    const measured = { spec: { ...spec, method: { id: method.info.id, parameters: { ...values } } }, method, fill }
    return { adapter, ...(await measure(measured, threads, model, context)) }
  })
}

/**
 * Measures a run's result, or an adapter in its place, on the run's held-out rows: loss, perplexity and the metric that
 * fits its data.
 */
export const evaluateRun: JobHandler = async (payload, context) => {
  const asked = payloadSchema.parse(payload)
  const { spec: own } = await readRun(context.paths.runs, asked.runId)
  const spec = { ...own, metric: { ...own.metric, rows: asked.rows ?? own.metric.rows } }
  const model = await openModel(spec.model, context, spec.task)
  try {
    return { state: 'done', result: await measureAsked(asked, spec, model, context) }
  } finally {
    await model.close()
  }
}
