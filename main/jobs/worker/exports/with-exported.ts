import { coarsest, type StoredType } from '../../../engine/export'
import { loadAdapter, loadGgufAdapter } from '../../../engine/methods'
import type { AppliedMethod } from '../../../engine/nn'
import { isWritableFloatDtype } from '../../../engine/tensor'
import { fileByteSource, folderFileSource } from '../../../files'
import { openModel, type OpenModel } from '../tuning/open-model'
import type { Exported, ExportInput } from './export-input'
import { PROMPT_TOKENS } from './proof-texts'
import { withSpeaker, type SpeakerParts } from './with-speaker'

/** Room for a prompt and what is said after it. */
const MAX_LENGTH = 2 * PROMPT_TOKENS

type Use<T> = (exported: Exported) => Promise<T>

/** What the trained model and its export have in common. */
const shared = ({
  backend,
  threads,
  context,
}: ExportInput): Omit<SpeakerParts, 'definition' | 'checkpoint' | 'method' | 'read'> => ({
  backend,
  threads,
  maxLength: MAX_LENGTH,
  context,
})

/** The model as training left it. */
export function withTrained<T>(input: ExportInput, use: (speaker: Exported['speaker']) => Promise<T>): Promise<T> {
  const { model, method, read } = input
  const { definition, checkpoint } = model
  return withSpeaker({ ...shared(input), definition, checkpoint, method, read }, use)
}

/** The type that rounds most among those that a model's weights are stored as. */
function typeOf({ definition, checkpoint }: OpenModel): StoredType {
  const types = definition.weights
    .filter(({ name }) => checkpoint.has(name))
    .map(({ name }) => checkpoint.info(name))
    .map(({ dtype, storedAs = dtype }) => storedAs)
  const known = (name: string): name is StoredType => isWritableFloatDtype(name) || name === 'Q8_0' || name === 'Q4_0'
  return coarsest(types.filter(known))
}

/** Nothing on the model, whatever the method is: not even the way in which it holds the base's weights. */
const asItIs = ({ info }: AppliedMethod): AppliedMethod => ({ info, trainable: [], hooks: {}, usesSeeds: false })

/** A folder or a GGUF file that is a whole model, opened as anybody's. */
export async function withExportedModel<T>(input: ExportInput, path: string, use: Use<T>): Promise<T> {
  const model = await openModel({ kind: 'folder', path }, input.context)
  try {
    const { definition, checkpoint, tokenizer, template } = model
    const parts = { ...shared(input), definition, checkpoint, method: asItIs(input.method), read: input.read }
    return await withSpeaker(parts, (speaker) => use({ speaker, reader: { tokenizer, template }, type: typeOf(model) }))
  } finally {
    await model.close()
  }
}

/** An adapter's folder on the run's base model. */
export async function withExportedAdapter<T>(input: ExportInput, use: Use<T>): Promise<T> {
  const files = folderFileSource(input.folder)
  try {
    const { definition, checkpoint } = input.model
    const { method, read } = await loadAdapter(files, definition)
    return await withSpeaker({ ...shared(input), definition, checkpoint, method, read }, (speaker) =>
      use({ speaker, type: 'F32' }),
    )
  } finally {
    await files.close()
  }
}

/** An adapter in a GGUF file on the run's base model. */
export async function withExportedGgufAdapter<T>(input: ExportInput, path: string, use: Use<T>): Promise<T> {
  const file = await fileByteSource(path)
  try {
    const { definition, checkpoint, config } = input.model
    const { method, read } = await loadGgufAdapter(file, definition, config)
    return await withSpeaker({ ...shared(input), definition, checkpoint, method, read }, (speaker) =>
      use({ speaker, type: 'F32' }),
    )
  } finally {
    await file.close()
  }
}
