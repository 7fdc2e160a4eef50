import type { ModelRef, TaskChoice } from '../../preload/contract'
import type { Checkpoint } from '../engine/checkpoint'
import { defineModel } from '../engine/models'
import type { ModelDefinition } from '../engine/nn'
import type { FileSource } from '../engine/tensor'
import { loadChatTemplate, loadTokenizer, type ChatTemplate, type Tokenizer } from '../engine/text'
import { openBaseModel } from './open-base-model'
import { defineFor } from './run-task'
import { resolveModelDir, type ModelPlaces } from './resolve-model-dir'

/** A base model, opened: what it is, how it reads text, where its weights lie. */
export interface OpenModel {
  readonly name: string
  /** Where the model is a GGUF file: the file's name. */
  readonly ggufFile?: string
  /** As the model itself says. */
  readonly licence?: string
  readonly files: FileSource
  /** config.json as it stands in the file. */
  readonly config: Readonly<Record<string, unknown>>
  readonly definition: ModelDefinition
  readonly checkpoint: Checkpoint
  readonly tokenizer: Tokenizer
  readonly template: ChatTemplate
  close(): Promise<void>
}

/**
 * @param task what a run wants of it; absent: what it was saved for
 * @throws GraftError or HostError that says what is wrong with the model
 */
export async function openModel(ref: ModelRef, places: ModelPlaces, task?: TaskChoice): Promise<OpenModel> {
  const base = await openBaseModel(resolveModelDir(ref, places))
  const { files, ggufFile } = base
  try {
    const config = await base.config()
    const definition = task ? defineFor(config, task) : defineModel(config)
    const tokenizer = await loadTokenizer(files)
    const { licence } = await base.about()
    return {
      name: ref.kind === 'starter' ? 'Graft starter' : base.name,
      ...(ggufFile && { ggufFile }),
      ...(licence && { licence }),
      files,
      config,
      definition,
      checkpoint: await base.weights(definition),
      tokenizer,
      template: await loadChatTemplate(files, tokenizer),
      close: () => base.close(),
    }
  } catch (error) {
    await base.close()
    throw error
  }
}
