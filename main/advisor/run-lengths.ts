import type { RunSpec } from '../../preload/contract'
import { GraftError } from '../engine/errors'
import type { AppliedMethod, ModelDefinition } from '../engine/nn'

/** How long things may be in a run, in tokens. Virtual tokens count: they take up positions as any token does. */
export interface RunLengths {
  /** Placeholders of the method before each text. */
  readonly virtualTokens: number
  /** A text that is trained on or measured on. */
  readonly text: number
  /** A row of a batch: a text and the placeholders before it. */
  readonly row: number
  /** What is generated, with all that stands before it. */
  readonly sequence: number
  /** Positions that any plan may meet: a method may begin to count behind the first ones. */
  readonly positions: number
}

/** Generation gets this much where the context allows, however short the examples are. */
const ROOM_TO_ANSWER = 2048

/** Positions of an answer where no run says otherwise. */
export const answerPositions = ({ config }: Pick<ModelDefinition, 'config'>): number =>
  Math.min(config.contextLength, ROOM_TO_ANSWER)

function tooManyVirtualTokens(tokens: number, room: number): GraftError {
  const message = `virtual tokens: expected fewer than the ${room} tokens that a row may have, got ${tokens}; lower their number, or raise the maximum length`
  return new GraftError('invalid-argument', message, { parameter: 'tokens', tokens, room })
}

/**
 * What a run's settings, its model's context and its method leave for the texts.
 * @throws GraftError `invalid-argument` where virtual tokens leave nothing
 */
export function runLengths(
  { training: { maxLength } }: Pick<RunSpec, 'training'>,
  { config: { contextLength } }: Pick<ModelDefinition, 'config'>,
  { virtualTokens = 0, positionOffset = 0 }: Pick<AppliedMethod, 'virtualTokens' | 'positionOffset'>,
): RunLengths {
  const positions = Math.min(contextLength, Math.max(ROOM_TO_ANSWER, maxLength + positionOffset))
  const sequence = positions - positionOffset
  const row = Math.min(maxLength, sequence)
  const text = row - virtualTokens
  // A text needs a token that is seen and one that is said. Where the method takes none, rows say what is wrong.
  if (text < 2 && virtualTokens + positionOffset > 0)
    throw tooManyVirtualTokens(virtualTokens + positionOffset, row + positionOffset)
  return { virtualTokens, text, row, sequence, positions }
}
