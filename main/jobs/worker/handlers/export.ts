import { mkdir, rename, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { exportTypes, type ExportRequest } from '../../../../preload/contract'
import type { TensorFile } from '../../../engine/checkpoint'
import { exportUsage, type ExportedFile } from '../../../engine/export'
import { findMethod, formatName, requireExport } from '../../../engine/methods'
import { deriveTensors } from '../../../engine/plan'
import { HostError } from '../../../files'
import { readRunView, readStartAbout, resultCheckpoint, runPaths } from '../../../runs'
import { exportPayloadSchema } from '../../protocol'
import type { ExportInput } from '../exports/export-input'
import { formats, type FormatHandler } from '../exports/formats'
import { proofTexts } from '../exports/proof-texts'
import { proveExport } from '../exports/prove-export'
import type { JobContext, JobHandler } from '../job-context'
import { threadsOfRun } from '../tuning/machine'
import { openModel, type OpenModel } from '../tuning/open-model'
import { withState } from '../tuning/run-checkpoints'
import { backends } from '../tuning/tuning-engine'

/** @throws HostError `export-failed` for a type that the format has not */
function requireType({ format, type }: ExportRequest): void {
  const known = exportTypes[format]
  if (type === undefined || known.includes(type)) return
  const expected = known.length > 0 ? `one of ${known.join(', ')}` : 'no type, it is always float32'
  const message = `export (${format}): type: expected ${expected}, got ${type}; choose another`
  throw new HostError('export-failed', message, { format, type })
}

/** @throws HostError or GraftError `export-failed` where run and request do not go together */
function handlerOf(request: ExportRequest): FormatHandler {
  requireType(request)
  const handler = formats[request.format]
  if (handler) return handler
  throw new HostError('export-failed', `export: expected a known format, got ${formatName(request.format)}`)
}

type InputOf = Pick<ExportInput, 'view' | 'request' | 'startedFrom' | 'model' | 'folder' | 'context'>

async function inputOf(parts: InputOf, root: string, state: TensorFile): Promise<ExportInput> {
  const { view, model, request, context } = parts
  const { spec } = view
  const { definition, config } = model
  const method = findMethod(spec.method.id).apply(definition, spec.method.parameters)
  requireExport(method, { model: definition, config }, request.format)
  const backend = backends[spec.backend]
  const read = await deriveTensors(backend, definition, method, (name) => state.readFloat32(name))
  const threads = await threadsOfRun(root, spec.training.threads)
  return { ...parts, method, read, backend, threads, texts: await proofTexts(spec, model, context) }
}

/** The last sizes by name: a file may have grown after it was written. */
function joinFiles(written: readonly ExportedFile[], later: readonly ExportedFile[]): ExportedFile[] {
  const sizes = new Map<string, number>()
  for (const { name, bytes } of [...written, ...later]) sizes.set(name, (sizes.get(name) ?? 0) + bytes)
  return [...sizes].map(([name, bytes]) => ({ name, bytes }))
}

/** Folders of one run's exports: those of several types lie side by side. */
const folderName = ({ format, type }: ExportRequest): string => (type === undefined ? format : `${format}-${type}`)

function usageOf(input: ExportInput, handler: FormatHandler, folder: string, model: OpenModel): string {
  const { name: baseModelName, ggufFile } = model
  const file = handler.mainFile?.(input)
  const runId = input.view.id
  return exportUsage(input.request.format, {
    folder,
    baseModelName,
    runId,
    ...(ggufFile && { ggufFile }),
    ...(file && { file }),
  })
}

async function writeAndProve(
  request: ExportRequest & { readonly runId: string },
  model: OpenModel,
  context: JobContext,
): Promise<Readonly<Record<string, unknown>>> {
  const { runId, ...wanted } = request
  const handler = handlerOf(wanted)
  const view = await readRunView(context.paths.runs, runId)
  const paths = runPaths(context.paths.runs, runId)
  const checkpoint = await resultCheckpoint(paths.checkpoints, runId)
  const startedFrom = view.spec.startFrom && (await readStartAbout(paths.start)).label
  const name = folderName(wanted)
  const [folder, unfinished] = [join(paths.exports, name), join(paths.exports, `.${name}-unfinished`)]
  try {
    await rm(unfinished, { recursive: true, force: true })
    await mkdir(unfinished, { recursive: true })
    return await withState(checkpoint, async (state) => {
      const parts = { view, request: wanted, startedFrom, model, folder: unfinished, context }
      const input = await inputOf(parts, paths.root, state)
      const written = await handler.write(input)
      const { certificate, written: later } = await proveExport(input, checkpoint.step, handler)
      await rm(folder, { recursive: true, force: true })
      await rename(unfinished, folder)
      const usage = usageOf(input, handler, folder, model)
      const files = joinFiles(written, later)
      return { format: wanted.format, path: folder, files, usage, certificate, step: checkpoint.step }
    })
  } finally {
    await rm(unfinished, { recursive: true, force: true })
  }
}

/** Exports a run's result, loads it again and compares; the folder appears only when both went well. */
export const exportRun: JobHandler = async (payload, context) => {
  const request = exportPayloadSchema.parse(payload)
  const { spec } = await readRunView(context.paths.runs, request.runId)
  const model = await openModel(spec.model, context)
  try {
    return { state: 'done', result: await writeAndProve(request, model, context) }
  } finally {
    await model.close()
  }
}
