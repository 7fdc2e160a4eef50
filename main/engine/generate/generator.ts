import { GraftError } from '../errors'
import { createRng, deriveSeed } from '../rng'
import { createStreamDecoder, type Tokenizer } from '../text'
import { CHUNK, createCachedDecoder, type CachedDecoderOptions, type DecodeSession } from './cached-decoder'
import { sampleToken } from './sampler'
import type { GenerationSettings } from './settings'
import { createStopFilter } from './stop-filter'

/** `context`: the model's context is full before `maxNewTokens` were said. */
export type GenerationEnd = 'stop-token' | 'stop-string' | 'length' | 'context' | 'aborted'

export interface Generated {
  /** Without special tokens and without the stop string; all that `onText` got, joined. */
  readonly text: string
  /** What was generated, without the end token. Where a stop string ended it, with the tokens of that string. */
  readonly ids: readonly number[]
  readonly reason: GenerationEnd
}

export interface Generator {
  /**
   * Compiles what an answer of this length takes, so that none has to wait for it.
   * @throws GraftError `generation-failed` as `generate` does
   */
  prepare(promptTokens: number, maxNewTokens: number): Promise<void>
  /**
   * Continues a prompt, one call at a time; nothing else may use the executor meanwhile.
   * @param onText gets the text piece by piece, whole characters only
   * @throws GraftError `generation-failed` where the prompt is empty or leaves no room in the context, or where the
   *   model's scores are not finite
   */
  generate(
    promptIds: readonly number[],
    settings: GenerationSettings,
    onText?: (piece: string) => void,
  ): Promise<Generated>
}

export interface GeneratorOptions extends CachedDecoderOptions {
  readonly tokenizer: Tokenizer
  /** Awaited between tokens: lets the process hear messages. */
  readonly breathe?: () => Promise<unknown>
  /** Asked after every breath: whether to end with what there is. */
  readonly isAborted?: () => boolean
}

/** How many tokens may be said. */
function roomFor(promptLength: number, maxNewTokens: number, maxLength: number): number {
  if (maxNewTokens < 1)
    throw new GraftError('invalid-argument', `generation: expected at least 1 new token, got ${maxNewTokens}`)
  if (promptLength > 0 && promptLength < maxLength) return Math.min(maxNewTokens, maxLength - promptLength)
  const message = `generation: expected a prompt of 1 to ${maxLength - 1} tokens, got ${promptLength}; ${promptLength > 0 ? 'shorten it, so that the answer has room in the context' : 'write something'}`
  throw new GraftError('generation-failed', message, { promptLength, maxLength })
}

/** Ids to shown text: whole characters only, nothing of a stop string. */
function createSpeaker(tokenizer: Tokenizer, stop: readonly string[], onText?: (piece: string) => void) {
  const decoder = createStreamDecoder(tokenizer)
  const filter = createStopFilter(stop)
  let text = ''
  const show = (piece: string): void => {
    text += piece
    if (piece !== '') onText?.(piece)
  }
  return {
    /** @returns whether a stop string is complete */
    say(id: number): boolean {
      show(filter.push(decoder.push(id)))
      return filter.stopped
    },
    /** Shows what was held back, and returns the whole text. */
    finish(): { readonly text: string; readonly stopped: boolean } {
      show(filter.push(decoder.flush()))
      show(filter.flush())
      return { text, stopped: filter.stopped }
    },
  }
}

/**
 * Text generation with a model as it stands in the executor. Prompts are taken in by chunks, answers token by token;
 * plans are prepared once per cache size.
 */
export function createGenerator(options: GeneratorOptions): Generator {
  const { tokenizer, breathe = async () => {}, isAborted = () => false } = options
  const { virtualTokens = 0, positionOffset = 0 } = options.method
  const placeholders = new Array<number>(virtualTokens).fill(0)
  const longest = options.maxLength - positionOffset - virtualTokens
  const decoder = createCachedDecoder(options)
  const ends = new Set(tokenizer.eosIds)

  const isCalledOff = async (): Promise<boolean> => {
    await breathe()
    return isAborted()
  }

  /** @returns false where it was aborted */
  const takeInPrompt = async (session: DecodeSession, ids: readonly number[]): Promise<boolean> => {
    for (let position = 0; position < ids.length; position += CHUNK) {
      await session.takeIn(ids.slice(position, position + CHUNK), position)
      if (await isCalledOff()) return false
    }
    return true
  }

  return {
    prepare: (promptTokens, maxNewTokens) =>
      decoder.prepare(virtualTokens + promptTokens + roomFor(promptTokens, maxNewTokens, longest)),
    async generate(promptIds, settings, onText) {
      const room = roomFor(promptIds.length, settings.maxNewTokens, longest)
      const rng = createRng(deriveSeed(settings.seed, 'generation'))
      const speaker = createSpeaker(tokenizer, settings.stop, onText)
      const ids: number[] = []
      const seen = new Set(promptIds)
      const finish = (reason: GenerationEnd): Generated => {
        const { text, stopped } = speaker.finish()
        return { text, ids, reason: stopped ? 'stop-string' : reason }
      }
      const before = [...placeholders, ...promptIds]
      const session = await decoder.start(before.length + room)
      if (!(await takeInPrompt(session, before))) return finish('aborted')
      for (;;) {
        const id = sampleToken(await session.logits(), seen, settings, rng)
        if (ends.has(id)) return finish('stop-token')
        ids.push(id)
        seen.add(id)
        if (speaker.say(id)) return finish('stop-string')
        if (ids.length === room) return finish(room < settings.maxNewTokens ? 'context' : 'length')
        if (await isCalledOff()) return finish('aborted')
        await session.takeIn([id], before.length + ids.length - 1)
      }
    },
  }
}
