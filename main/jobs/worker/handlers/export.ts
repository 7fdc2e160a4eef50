import { mkdir, rename, rm } from 'node:fs/promises'
import { join } from 'node:path'
import type { ExportResult, RunView } from '../../../../preload/contract'
import { openCheckpoint } from '../../../engine/checkpoint'
import {
  exportAdapterHub,
  exportMergedHf,
  exportPeft,
  exportUsage,
  type ExportedFile,
  type ExportTarget,
} from '../../../engine/export'
import { findMethod, loadAdapter } from '../../../engine/methods'
import { modelWeights } from '../../../engine/models'
import type { AppliedMethod, ReadTensor } from '../../../engine/nn'
import { checkWeights, deriveTensors } from '../../../engine/plan'
import { atomicFileSink, folderFileSource, HostError } from '../../../files'
import { fingerprintBase } from '../../../models'
import { readRunView, readStartAbout, resultCheckpoint, runPaths } from '../../../runs'
import { exportPayloadSchema } from '../../protocol'
import type { JobContext, JobHandler } from '../job-context'
import { cardFacts } from './card-facts'
import { openModel, type OpenModel } from '../tuning/open-model'
import { withState } from '../tuning/run-checkpoints'
import { backends } from '../tuning/tuning-engine'

const folderTarget = (folder: string): ExportTarget => ({
  create: (name) => atomicFileSink(join(folder, name)),
  remove: (name) => rm(join(folder, name), { force: true }),
})

interface ExportInput {
  readonly view: RunView
  /** What the run continued. */
  readonly startedFrom: string | undefined
  readonly model: OpenModel
  readonly method: AppliedMethod
  /** The trained tensors, and what is derived of them. */
  readonly read: ReadTensor
  readonly folder: string
  readonly context: JobContext
}

interface Writer {
  write(input: ExportInput): Promise<ExportedFile[]>
  /** Opens what was written as anybody would. @throws where it does not load or differs */
  verify(input: ExportInput): Promise<void>
}

/** What was read back must be what was trained, bit for bit. */
async function verifyAdapter({ folder, model, read }: ExportInput): Promise<void> {
  const files = folderFileSource(folder)
  try {
    const adapter = await loadAdapter(files, model.definition)
    for (const { name: slot } of adapter.method.trainable) {
      const [written, trained] = [await adapter.read(slot), await read(slot)]
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
    checkWeights(model.definition, modelWeights(model.definition, await openCheckpoint(files)))
  } finally {
    await files.close()
  }
}

const writers: Readonly<Record<ExportResult['format'], Writer>> = {
  peft: {
    write: async ({ view, startedFrom, model, method, read, folder }) =>
      exportPeft({
        method,
        read,
        baseFingerprint: await fingerprintBase(model.definition, model.checkpoint),
        card: cardFacts(view, model, startedFrom),
        target: folderTarget(folder),
      }),
    verify: verifyAdapter,
  },
  adapterhub: {
    write: async ({ view, startedFrom, model, method, read, folder }) =>
      exportAdapterHub({
        method,
        model: model.definition,
        config: model.config,
        read,
        baseFingerprint: await fingerprintBase(model.definition, model.checkpoint),
        card: cardFacts(view, model, startedFrom),
        target: folderTarget(folder),
      }),
    verify: verifyAdapter,
  },
  'merged-hf': {
    write: ({ view, startedFrom, model, method, read, folder, context }) =>
      exportMergedHf({
        model: model.definition,
        checkpoint: model.checkpoint,
        config: model.config,
        files: model.files,
        method,
        read,
        dtype: 'base',
        stopIds: model.tokenizer.eosIds,
        card: cardFacts(view, model, startedFrom),
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
  const startedFrom = view.spec.startFrom && (await readStartAbout(paths.start)).label
  const model = await openModel(view.spec.model, context)
  const folder = join(paths.exports, format)
  const unfinished = join(paths.exports, `.${format}-unfinished`)
  try {
    const method = findMethod(view.spec.method.id).apply(model.definition, view.spec.method.parameters)
    await rm(unfinished, { recursive: true, force: true })
    await mkdir(unfinished, { recursive: true })
    const files = await withState(checkpoint, async (state) => {
      const trained: ReadTensor = (name) => state.readFloat32(name)
      const read = await deriveTensors(backends[view.spec.backend], model.definition, method, trained)
      const input = { view, startedFrom, model, method, read, folder: unfinished, context }
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
