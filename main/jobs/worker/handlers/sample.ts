import { z } from 'zod'
import { modelRefSchema, runSpecSchema, samplingSchema, type RunSpec } from '../../../../preload/contract'
import { encodeChat } from '../../../engine/text'
import { readRun, resultCheckpoint, runPaths, type Checkpoint } from '../../../runs'
import { speakersPayloadSchema } from '../../protocol'
import { answerTogether } from '../answering/answer-together'
import type { JobContext, JobHandler } from '../job-context'
import { threadsOfRun } from '../tuning/machine'
import { openModel } from '../tuning/open-model'
import { loadResult } from '../tuning/run-checkpoints'
import { openEngine } from '../tuning/tuning-engine'

const payloadSchema = z.object({ prompt: z.string().min(1), sampling: samplingSchema.prefault({}) }).and(
  z.union([
    /** `base`: the run's base model, with what was trained switched off. */
    z.object({ runId: z.string(), base: z.boolean().default(false) }),
    z.object({ model: modelRefSchema }),
  ]),
)

interface Speaker {
  readonly spec: RunSpec
  /** Absent: the base model answers. */
  readonly checkpoint?: Checkpoint
  readonly threads: number
}

/** A base model on its own: its method is switched off, and which it is does not matter. */
const baseSpec = (model: RunSpec['model']): RunSpec =>
  runSpecSchema.parse({ model, dataset: { id: 'none' }, method: { id: 'lora' } })

async function speakerOf(payload: z.infer<typeof payloadSchema>, context: JobContext): Promise<Speaker> {
  if ('model' in payload) return { spec: baseSpec(payload.model), threads: 0 }
  const { spec } = await readRun(context.paths.runs, payload.runId)
  const paths = runPaths(context.paths.runs, payload.runId)
  const threads = await threadsOfRun(paths.root, spec.training.threads)
  if (payload.base) return { spec, threads }
  return { spec, checkpoint: await resultCheckpoint(paths.checkpoints, payload.runId), threads }
}

/** Answers one prompt through the chat template, told piece by piece. */
export const sample: JobHandler = async (payload, context) => {
  const several = speakersPayloadSchema.safeParse(payload)
  if (several.success) return { state: 'done', result: { answers: await answerTogether(several.data, context) } }
  const asked = payloadSchema.parse(payload)
  const { spec, checkpoint, threads } = await speakerOf(asked, context)
  const model = await openModel(spec.model, context)
  try {
    const engine = await openEngine(spec, model, context, { threads, disabled: !checkpoint })
    try {
      if (checkpoint) await loadResult(checkpoint, engine)
      const { ids } = encodeChat(model.tokenizer, model.template, [{ role: 'user', content: asked.prompt }])
      let index = 0
      const said = (text: string): void => context.emit({ type: 'token', text, index: index++ })
      const { text, reason } = await engine.generator.generate(ids, asked.sampling, said)
      return { state: 'done', result: { text, reason } }
    } finally {
      await engine.dispose()
    }
  } finally {
    await model.close()
  }
}
