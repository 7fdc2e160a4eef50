import { z } from 'zod'
import { readRun, resultCheckpoint, runPaths } from '../../../runs'
import type { JobHandler } from '../job-context'
import { threadsOfRun } from '../tuning/machine'
import { createMeasure } from '../tuning/measure'
import { openModel } from '../tuning/open-model'
import { prepareHeldRows } from '../tuning/prepare-rows'
import { loadResult } from '../tuning/run-checkpoints'
import { openEngine, type TuningEngine } from '../tuning/tuning-engine'

const payloadSchema = z.object({
  runId: z.string(),
  /** Held-out rows that the metric is taken on; absent: as many as the run says. */
  rows: z.number().int().min(1).optional(),
})

/** Measures a run's result on its held-out rows: loss, perplexity and the metric that fits its data. */
export const evaluateRun: JobHandler = async (payload, context) => {
  const { runId, rows: wanted } = payloadSchema.parse(payload)
  const { spec: own } = await readRun(context.paths.runs, runId)
  const spec = { ...own, metric: { ...own.metric, rows: wanted ?? own.metric.rows } }
  const paths = runPaths(context.paths.runs, runId)
  const checkpoint = await resultCheckpoint(paths.checkpoints, runId)
  const model = await openModel(spec.model, context)
  let engine: TuningEngine | undefined
  try {
    const rows = await prepareHeldRows(spec, model, context)
    engine = await openEngine(spec, model, context, {
      threads: await threadsOfRun(paths.root, spec.training.threads),
    })
    const measure = createMeasure(spec, model, rows, engine, context)
    await engine.executor.prepare(measure.buckets.map((length) => (engine as TuningEngine).evaluationPlan({ length })))
    await loadResult(checkpoint, engine)
    const loss = await measure.loss()
    const score = await measure.score()
    return {
      state: 'done',
      result: {
        step: checkpoint.step,
        ...(loss ? { loss: loss.loss, perplexity: loss.perplexity, tokens: loss.tokens } : {}),
        ...(score ? { score } : {}),
      },
    }
  } finally {
    await engine?.dispose()
    await model.close()
  }
}
