import type { Checkpoint } from '../../../engine/checkpoint'
import type { Speaker } from '../../../engine/export'
import { CHUNK, createCachedDecoder, type CachedDecoderOptions } from '../../../engine/generate'
import type { AppliedMethod, ModelDefinition, ReadTensor } from '../../../engine/nn'
import { loadBaseWeights, type Backend } from '../../../engine/plan'
import type { JobContext } from '../job-context'

export interface SpeakerParts {
  readonly definition: ModelDefinition
  readonly checkpoint: Checkpoint
  readonly method: AppliedMethod
  /** Reads the method's own tensors. */
  readonly read: ReadTensor
  readonly backend: Backend
  readonly threads: number
  /** Tokens that a text may have. */
  readonly maxLength: number
  readonly context: JobContext
}

/** A model in the memory of a device as something that goes on with texts. */
function speakerOf(options: CachedDecoderOptions, context: JobContext): Speaker {
  const decoder = createCachedDecoder(options)
  const placeholders = Array.from({ length: options.method.virtualTokens ?? 0 }, () => 0)
  return {
    async begin(positions) {
      const session = await decoder.start(placeholders.length + positions)
      let position = 0
      return async (given) => {
        const ids = position === 0 ? [...placeholders, ...given] : given
        for (let from = 0; from < ids.length; from += CHUNK) {
          await context.pass()
          const part = ids.slice(from, from + CHUNK)
          await session.takeIn(part, position)
          position += part.length
        }
        return (await session.logits()).slice()
      }
    },
  }
}

/** Loads a model with its method for the time of `use`. */
export async function withSpeaker<T>(parts: SpeakerParts, use: (speaker: Speaker) => Promise<T>): Promise<T> {
  const { definition: model, checkpoint, method, read, backend, threads, context } = parts
  const maxLength = Math.min(model.config.contextLength, parts.maxLength + (method.virtualTokens ?? 0))
  const executor = await backend.open({ threads })
  try {
    await loadBaseWeights(executor, model, checkpoint, maxLength, {
      quantised: method.quantised,
      onProgress: (done, total) => context.emit({ type: 'stage', stage: 'load', done, total }),
    })
    for (const { name } of method.trainable) await executor.upload(name, await read(name))
    return await use(speakerOf({ executor, model, method, maxLength }, context))
  } finally {
    await executor.dispose()
  }
}
