import type { ContentRow } from '../../../../datasets'
import type { RunLengths } from '../../../../advisor'
import { GraftError } from '../../../../engine/errors'
import { encodeContent, truncate, withPlaceholders, type Encoded, type RowContent } from '../../../../engine/text'
import type { OpenModel } from '../open-model'
import type { RowNotes } from './row-notes'

export interface UsableRow {
  /** Its place in the dataset. */
  readonly index: number
  /** With room for the method's virtual tokens before it. */
  readonly encoded: Encoded
  readonly content: RowContent
}

const outcomeNotes = {
  'prompt-shortened': 'longer than the maximum length, the prompt was shortened',
  'answer-shortened': 'longer than the maximum length, the end of the answer was cut',
  impossible: 'left out, no token of the answer fits the maximum length',
} as const

export interface EncodeOptions {
  readonly model: OpenModel
  readonly lengths: RunLengths
  readonly notes: RowNotes
  /** Awaited with each row. */
  readonly onRow: () => Promise<void>
}

/** Renders, tokenises and shortens rows. What happens to them is noted; those of no use are left out. */
export async function* encodeRows(
  rows: AsyncIterable<ContentRow>,
  { model, lengths, notes, onRow }: EncodeOptions,
): AsyncGenerator<UsableRow> {
  for await (const row of rows) {
    const encoded = encodeRow(row, model, lengths.text, notes)
    await onRow()
    if (!encoded) continue
    const whole = withPlaceholders(encoded, lengths.virtualTokens)
    yield { index: row.index, encoded: whole, content: row.content }
  }
}

function encodeRow(
  { content, line }: ContentRow,
  model: OpenModel,
  maxLength: number,
  notes: RowNotes,
): Encoded | undefined {
  let whole: Encoded
  try {
    whole = encodeContent(model.tokenizer, model.template, content)
  } catch (error) {
    if (!(error instanceof GraftError)) throw error
    notes.add(`left out, ${error.message}`, line)
    return undefined
  }
  checkVocabulary(whole, model)
  const { outcome, encoded } = truncate(whole, maxLength)
  if (outcome !== 'whole') notes.add(outcomeNotes[outcome], line)
  return outcome === 'impossible' ? undefined : encoded
}

/** @throws GraftError `checkpoint-mismatch` where the tokenizer knows tokens that the model does not */
function checkVocabulary({ ids }: Encoded, { definition }: OpenModel): void {
  const { vocabSize } = definition.config
  const strange = ids.find((id) => id >= vocabSize)
  if (strange === undefined) return
  const message = `tokenizer: expected token numbers below ${vocabSize}, the vocabulary of config.json, got ${strange}; the tokenizer and the weights are of different models`
  throw new GraftError('checkpoint-mismatch', message, { vocabSize, token: strange })
}
