import { mkdir, rename, rm } from 'node:fs/promises'
import { join } from 'node:path'
import type { ExportResult, RunView } from '../../../../preload/contract'
import { openCheckpoint, type TensorFile } from '../../../engine/checkpoint'
import {
  exportMergedHf,
  exportPeft,
  exportUsage,
  type CardFacts,
  type ExportedFile,
  type ExportTarget,
} from '../../../engine/export'
import { findMethod, loadPeftAdapter } from '../../../engine/methods'
import type { AppliedMethod } from '../../../engine/nn'
import { checkWeights } from '../../../engine/plan'
import { atomicFileSink, folderFileSource, HostError } from '../../../files'
import { readRunView, runPaths } from '../../../runs'
import { exportPayloadSchema } from '../../protocol'
import type { JobContext, JobHandler } from '../job-context'
import { openModel, type OpenModel } from '../tuning/open-model'
import { resultCheckpoint, withState } from '../tuning/run-checkpoints'

const folderTarget = (folder: string): ExportTarget => ({
  create: (name) => atomicFileSink(join(folder, name)),
  remove: (name) => rm(join(folder, name), { force: true }),
})

const baseFacts = ({ name, ggufFile, licence }: OpenModel): CardFacts['base'] => ({
  name,
  ...(ggufFile && { ggufFile }),
  ...(licence && { licence }),
})

function cardFacts(view: RunView, model: OpenModel): CardFacts {
  const { spec, prepared, evaluations } = view
  const [before, after] = [evaluations[0], evaluations.at(-1)]
  const measured = (measure: string, pick: (e: RunView['evaluations'][number]) => number | undefined) => {
    const [first, last] = [before && pick(before), after && pick(after)]
    return {
      measure,
      ...(first === undefined ? {} : { before: first }),
      ...(last === undefined ? {} : { after: last }),
    }
  }
  const score = after?.score
  return {
    title: spec.name || view.id,
    runId: view.id,
    software: 'Graft Studio',
    base: baseFacts(model),
    data: {
      name: spec.dataset.id,
      rows: prepared?.trainRows ?? 0,
      validationRows: prepared?.validationRows ?? 0,
      fingerprint: String(view.result?.['fingerprint'] ?? ''),
    },
    settings: {
      method: spec.method.id,
      ...spec.method.parameters,
      steps: view.step,
      'batch size': spec.training.batchSize,
      'gradient accumulation': spec.training.accumulation,
      'maximum length': spec.training.maxLength,
      ...(spec.training.learningRate === undefined ? {} : { 'learning rate': spec.training.learningRate }),
      schedule: spec.training.schedule,
      seed: spec.training.seed,
    },
    results: [
      measured('loss (nats per token)', (e) => e.loss),
      measured('perplexity', (e) => e.perplexity),
      ...(score ? [measured(score.kind, (e) => e.score?.value)] : []),
    ],
  }
}

interface ExportInput {
  readonly view: RunView
  readonly model: OpenModel
  readonly method: AppliedMethod
  readonly state: TensorFile
  readonly folder: string
  readonly context: JobContext
}

interface Writer {
  write(input: ExportInput): Promise<ExportedFile[]>
  /** Opens what was written as anybody would. @throws where it does not load or differs */
  verify(input: ExportInput): Promise<void>
}

/** What was read back must be what was trained, bit for bit. */
async function verifyAdapter({ folder, model, state }: ExportInput): Promise<void> {
  const files = folderFileSource(folder)
  try {
    const adapter = await loadPeftAdapter(files, model.definition)
    for (const { slot } of adapter.tensors) {
      const [written, trained] = [await adapter.read(slot), await state.readFloat32(slot)]
      if (written.every((value, i) => Object.is(value, trained[i]))) continue
      throw new HostError(
        'export-failed',
        `export ${folder}: ${slot}: expected the trained values, got others; export again`,
        { slot },
      )
    }
  } finally {
    await files.close()
  }
}

async function verifyModel({ folder, model }: ExportInput): Promise<void> {
  const files = folderFileSource(folder)
  try {
    checkWeights(model.definition, await openCheckpoint(files))
  } finally {
    await files.close()
  }
}

const writers: Readonly<Record<ExportResult['format'], Writer>> = {
  peft: {
    write: ({ view, model, method, state, folder }) =>
      exportPeft({
        method,
        read: (name) => state.readFloat32(name),
        card: cardFacts(view, model),
        target: folderTarget(folder),
      }),
    verify: verifyAdapter,
  },
  'merged-hf': {
    write: ({ view, model, method, state, folder, context }) =>
      exportMergedHf({
        model: model.definition,
        checkpoint: model.checkpoint,
        config: model.config,
        files: model.files,
        method,
        read: (name) => state.readFloat32(name),
        dtype: 'base',
        stopIds: model.tokenizer.eosIds,
        card: cardFacts(view, model),
        target: folderTarget(folder),
        onProgress: (done, total) => context.emit({ type: 'stage', stage: 'export', done, total }),
      }),
    verify: verifyModel,
  },
}

/** Exports a run's result and loads it again; the folder appears only when both went well. */
export const exportRun: JobHandler = async (payload, context) => {
  const { runId, format } = exportPayloadSchema.parse(payload)
  const view = await readRunView(context.paths.runs, runId)
  const paths = runPaths(context.paths.runs, runId)
  const checkpoint = await resultCheckpoint(paths.checkpoints, runId)
  const model = await openModel(view.spec.model, context)
  const folder = join(paths.exports, format)
  const unfinished = join(paths.exports, `.${format}-unfinished`)
  try {
    const method = findMethod(view.spec.method.id).apply(model.definition, view.spec.method.parameters)
    await rm(unfinished, { recursive: true, force: true })
    await mkdir(unfinished, { recursive: true })
    const files = await withState(checkpoint, async (state) => {
      const input = { view, model, method, state, folder: unfinished, context }
      const written = await writers[format].write(input)
      await writers[format].verify(input)
      return written
    })
    await rm(folder, { recursive: true, force: true })
    await rename(unfinished, folder)
    const { name: baseModelName, ggufFile } = model
    const usage = exportUsage(format, { folder, baseModelName, runId, ...(ggufFile && { ggufFile }) })
    return { state: 'done', result: { format, path: folder, files, usage, verified: true, step: checkpoint.step } }
  } finally {
    await rm(unfinished, { recursive: true, force: true })
    await model.close()
  }
}
