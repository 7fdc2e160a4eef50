import { GraftError } from '../../errors'
import type { InitialContext, ModelDefinition, TrainableParameter } from '../../nn'
import type { Rng } from '../../rng'
import { gaussian } from './encoder-parts'

/** How a prompt's vectors begin: as the words of a text, as numbers of N(0, 1), or as words drawn from the vocabulary. */
export const initialisations = ['text', 'random', 'vocabulary'] as const
export type Initialisation = (typeof initialisations)[number]

/** The embeddings of `ids` as the model itself would feed them, [ids, hidden]. */
async function embeddingsOf(
  { config, wordEmbedding: { weight, scale } }: ModelDefinition,
  ids: readonly number[],
  { read }: InitialContext,
): Promise<Float32Array> {
  const [table, width] = [await read(weight), config.hiddenSize]
  const rows = new Float32Array(ids.length * width)
  ids.forEach((id, i) => rows.set(table.subarray(id * width, (id + 1) * width), i * width))
  return scale === 1 ? rows : rows.map((value) => value * scale)
}

/** The text's tokens, start token included, from the front as often as there is room. */
function textIds(text: string, tokens: number, { tokenize }: InitialContext): number[] {
  const ids = tokenize(text)
  if (ids.length > 0) return Array.from({ length: tokens }, (_, i) => ids[i % ids.length] as number)
  const message = `initial text: expected a text of at least one token, got ${JSON.stringify(text)}; write a few words, or choose another initialisation`
  throw new GraftError('invalid-argument', message, { parameter: 'text' })
}

const randomIds = (rng: Rng, tokens: number, vocabulary: number): number[] =>
  Array.from({ length: tokens }, () => rng.integer(vocabulary))

/** What a prompt of `tokens` vectors begins as. */
export function initialPrompt(
  model: ModelDefinition,
  tokens: number,
  how: Initialisation,
  text: string,
): Exclude<TrainableParameter['initial'], 'checkpoint'> {
  const { hiddenSize, vocabSize } = model.config
  const ways: Readonly<Record<Initialisation, Exclude<TrainableParameter['initial'], 'checkpoint'>>> = {
    text: (_rng, context) => embeddingsOf(model, textIds(text, tokens, context), context),
    random: gaussian(tokens * hiddenSize, 1),
    vocabulary: (rng, context) => embeddingsOf(model, randomIds(rng, tokens, vocabSize), context),
  }
  return ways[how]
}
