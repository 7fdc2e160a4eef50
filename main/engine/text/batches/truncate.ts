import { countTargets, type Encoded } from '../encoded'

/** What became of a row that had to fit; 'answer-shortened' rows may have lost prompt too. */
export const truncationOutcomes = ['whole', 'prompt-shortened', 'answer-shortened', 'impossible'] as const
export type TruncationOutcome = (typeof truncationOutcomes)[number]

export interface Truncated {
  readonly outcome: TruncationOutcome
  /** At most `maxLength` tokens; for an 'impossible' row the row as it came, not to be trained on. */
  readonly encoded: Encoded
  /** Tokens that were left out of the prompt. */
  readonly promptLost: number
  /** Tokens that were left out from the first answer on. */
  readonly answerLost: number
}

/** The prompt is never cut below this share of the room, as an answer to nothing teaches nothing. */
const promptFloor = 1 / 4
/** Of a shortened prompt this share stays from its beginning: start token, system message, what is asked for. */
const headShare = 1 / 4

/**
 * Makes a row fit without ever losing the answer silently.
 *
 * The prompt (all before the first trained token) gives way first, and loses its middle: its beginning holds the start
 * token and the system message, its end the last words of the question and the header that makes the model answer. Once
 * the prompt is down to a quarter of the room, the rest loses its end: the last tokens of the answer with its end mark
 * or, of a conversation, the later turns. A row left without a token to learn is 'impossible'.
 */
export function truncate(encoded: Encoded, maxLength: number): Truncated {
  const { ids, trained } = encoded
  const lost = { promptLost: 0, answerLost: 0 }
  if (countTargets(encoded) === 0 || maxLength < 2) return { outcome: 'impossible', encoded, ...lost }
  if (ids.length <= maxLength) return { outcome: 'whole', encoded, ...lost }

  const promptLength = trained.indexOf(1)
  const end = trained.lastIndexOf(1) + 1 // What follows the last answer is learned by nobody.
  const floor = Math.min(promptLength, Math.max(1, Math.floor(maxLength * promptFloor)))
  const promptRoom = Math.min(promptLength, Math.max(floor, maxLength - (end - promptLength)))
  const answerEnd = Math.min(end, promptLength + maxLength - promptRoom)
  const shortened = concat(encoded, promptRoom, promptLength, trained.lastIndexOf(1, answerEnd - 1) + 1)
  if (countTargets(shortened) === 0) return { outcome: 'impossible', encoded, ...lost }
  const promptLost = promptLength - promptRoom
  const answerLost = end - answerEnd
  const outcome = answerLost > 0 ? 'answer-shortened' : promptLost > 0 ? 'prompt-shortened' : 'whole'
  return { outcome, encoded: shortened, promptLost, answerLost }
}

/** The beginning and the end of a prompt that is too long for `room` tokens; see {@link truncate} for why. */
export function shortenPrompt(ids: Int32Array, room: number): Int32Array {
  if (ids.length <= room) return ids
  const head = Math.floor(room * headShare)
  const short = new Int32Array(room)
  short.set(ids.subarray(0, head))
  short.set(ids.subarray(ids.length - (room - head)), head)
  return short
}

export function countOutcomes(outcomes: Iterable<TruncationOutcome>): Record<TruncationOutcome, number> {
  const counts = { whole: 0, 'prompt-shortened': 0, 'answer-shortened': 0, impossible: 0 }
  for (const outcome of outcomes) counts[outcome]++
  return counts
}

function concat({ ids, trained, notes }: Encoded, promptRoom: number, promptLength: number, end: number): Encoded {
  const shortIds = new Int32Array(promptRoom + end - promptLength)
  shortIds.set(shortenPrompt(ids.subarray(0, promptLength), promptRoom))
  shortIds.set(ids.subarray(promptLength, end), promptRoom)
  const shortTrained = new Uint8Array(shortIds.length)
  shortTrained.set(trained.subarray(promptLength, end), promptRoom)
  return { ids: shortIds, trained: shortTrained, notes }
}
