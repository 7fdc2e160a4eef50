import type { ParameterValues, ReadTensor } from '../../../engine/nn'
import type { RackAdapter } from '../../../engine/generate'
import { findMethod, loadAdapter } from '../../../engine/methods'
import { folderFileSource } from '../../../files'
import { fingerprintBase, requireAdapterFolder } from '../../../models'
import { readRunView, resultCheckpoint, runPaths } from '../../../runs'
import type { Speaker } from '../../protocol'
import type { JobContext } from '../job-context'
import type { OpenModel } from '../tuning/open-model'
import { withState } from '../tuning/run-checkpoints'

/** An adapter as its folder holds it. */
interface FolderAdapter extends RackAdapter {
  readonly values: ParameterValues
}

type Own<K extends Speaker['kind']> = Extract<Speaker, { kind: K }>

/** What was trained on other weights answers, but not as it was trained to. */
async function warnOfOtherBase(
  name: string,
  trainedOn: string | undefined,
  { definition, checkpoint, name: base }: OpenModel,
  context: JobContext,
): Promise<void> {
  if (trainedOn === undefined || trainedOn === (await fingerprintBase(definition, checkpoint))) return
  const text = `${name} was trained on other weights than those of "${base}": if these are more than another storage of the same model, what it has learned is lost`
  context.emit({ type: 'log', level: 'warning', text })
}

/** Opens what an adapter folder holds for the time of `use`. */
export async function withAdapterFolder<T>(
  { path, name }: Pick<Own<'adapter'>, 'path' | 'name'>,
  model: OpenModel,
  context: JobContext,
  use: (adapter: FolderAdapter) => Promise<T>,
): Promise<T> {
  await requireAdapterFolder(path)
  const files = folderFileSource(path)
  try {
    const { method, values, read, baseFingerprint } = await loadAdapter(files, model.definition)
    await warnOfOtherBase(name, baseFingerprint, model, context)
    return await use({ name, method, values, read })
  } finally {
    await files.close()
  }
}

async function withRun<T>(
  { id, name }: Own<'run'>,
  model: OpenModel,
  context: JobContext,
  use: (adapter: RackAdapter) => Promise<T>,
): Promise<T> {
  const { spec, prepared } = await readRunView(context.paths.runs, id)
  const method = findMethod(spec.method.id).apply(model.definition, spec.method.parameters)
  const checkpoint = await resultCheckpoint(runPaths(context.paths.runs, id).checkpoints, id)
  await warnOfOtherBase(name, prepared?.baseFingerprint, model, context)
  return withState(checkpoint, (state) => {
    const read: ReadTensor = (slot) => state.readFloat32(slot)
    return use({ name, method, read })
  })
}

/** Opens what a run has learned, or an adapter folder holds, for the time of `use`. */
export function withSpeaker<T>(
  speaker: Own<'run' | 'adapter'>,
  model: OpenModel,
  context: JobContext,
  use: (adapter: RackAdapter) => Promise<T>,
): Promise<T> {
  return speaker.kind === 'run'
    ? withRun(speaker, model, context, use)
    : withAdapterFolder(speaker, model, context, use)
}
