import type { Dataset, RunSpec } from '../../../../preload/contract'
import { longestExample, longestSequence } from '../../../advisor'
import { openDataset, type ContentRow } from '../../../datasets'
import { GraftError } from '../../../engine/errors'
import {
  encodeContent,
  encodePrompt,
  shortenPrompt,
  truncate,
  type Encoded,
  type RowContent,
  type RowPrompt,
} from '../../../engine/text'
import type { JobContext } from '../job-context'
import { divideRows, fairOrder, leakNotes, type Division } from './hold-out'
import type { OpenModel } from './open-model'

export interface PreparedRows {
  readonly dataset: Dataset
  /** Where the validation rows come from, if that is another dataset. */
  readonly validationDataset?: Dataset
  readonly train: readonly Encoded[]
  readonly validation: readonly Encoded[]
  /** The questions of the validation rows (which are in a fair order), in the same order, shortened to leave room for an answer. */
  readonly questions: readonly Question[]
  /** Tokens that an example may have. */
  readonly maxLength: number
  /** What was left out or shortened, for the person to read. */
  readonly notes: readonly string[]
}

export interface Question extends RowPrompt {
  /** What a person asked, without the template around it. */
  readonly asked: string
}

interface UsableRow {
  readonly encoded: Encoded
  readonly content: RowContent
  readonly value: string | undefined
}

/** Counts what happened to rows and remembers where it happened first. */
function createNotes() {
  const found = new Map<string, { count: number; line: number }>()
  return {
    add(what: string, line: number): void {
      const before = found.get(what)
      found.set(what, { count: (before?.count ?? 0) + 1, line: before?.line ?? line })
    },
    lines: (): string[] =>
      [...found].map(
        ([what, { count, line }]) => `${count} ${count === 1 ? 'row' : 'rows'}: ${what} (first: line ${line})`,
      ),
  }
}

type Notes = ReturnType<typeof createNotes>

const outcomeNotes = {
  'prompt-shortened': 'longer than the maximum length, the prompt was shortened',
  'answer-shortened': 'longer than the maximum length, the end of the answer was cut',
  impossible: 'left out, no token of the answer fits the maximum length',
} as const

/** @throws GraftError `checkpoint-mismatch` where the tokenizer knows tokens that the model does not */
function checkVocabulary({ ids }: Encoded, { definition }: OpenModel): void {
  const { vocabSize } = definition.config
  const strange = ids.find((id) => id >= vocabSize)
  if (strange === undefined) return
  const message = `tokenizer: expected token numbers below ${vocabSize}, the vocabulary of config.json, got ${strange}; the tokenizer and the weights are of different models`
  throw new GraftError('checkpoint-mismatch', message, { vocabSize, token: strange })
}

function encodeRow(
  { content, line, value }: ContentRow,
  model: OpenModel,
  maxLength: number,
  notes: Notes,
): UsableRow | undefined {
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
  return outcome === 'impossible' ? undefined : { encoded, content, value }
}

function asked(content: RowContent, { promptText }: RowPrompt): string {
  if (content.kind !== 'messages') return promptText
  return content.messages.findLast(({ role }) => role === 'user')?.content ?? promptText
}

const ROWS_BETWEEN_BREATHS = 64

interface Source {
  readonly id: string
  /** The column whose values the rows are to carry. */
  readonly column?: string | undefined
}

async function encodeAll({ id, column }: Source, spec: RunSpec, model: OpenModel, context: JobContext) {
  const notes = createNotes()
  const open = await openDataset(context.paths.datasets, id)
  try {
    const rows: UsableRow[] = []
    for await (const row of open.contents(column)) {
      const usable = encodeRow(row, model, longestExample(spec, model.definition), notes)
      if (usable) rows.push(usable)
      if (row.index % ROWS_BETWEEN_BREATHS === 0) {
        context.emit({ type: 'stage', stage: 'tokenise', done: row.index, total: open.dataset.rows })
        await context.pass()
      }
    }
    return { dataset: open.dataset, rows, notes: notes.lines() }
  } finally {
    await open.close()
  }
}

function contextNote(spec: RunSpec, model: OpenModel): string[] {
  const [wanted, possible] = [spec.training.maxLength, longestExample(spec, model.definition)]
  if (possible === wanted) return []
  return [`the maximum length of ${wanted} tokens was lowered to ${possible}, the context of this model`]
}

function noRows({ name, id }: Dataset, notes: readonly string[]): GraftError {
  const message = `dataset ${name}: expected rows to train on, got none (${notes.join('; ') || 'it is empty'}); correct its rows, or choose another dataset or model`
  return new GraftError('dataset-empty', message, { dataset: id })
}

/** The rows on their two sides, and what was told of them on the way. */
async function divided(spec: RunSpec, model: OpenModel, context: JobContext) {
  const { validation } = spec.training
  const column = validation?.kind === 'column' ? validation.column : undefined
  const { dataset, rows, notes } = await encodeAll({ id: spec.dataset.id, column }, spec, model, context)
  const own = divideRows(rows, spec.training)
  if (own.train.length === 0) throw noRows(dataset, notes)
  if (validation?.kind !== 'dataset') return { dataset, division: own, notes }
  const other = await encodeAll({ id: validation.id }, spec, model, context)
  const division: Division<UsableRow> = { train: own.train, validation: other.rows }
  const told = other.notes.map((note) => `validation: ${note}`)
  return { dataset, validationDataset: other.dataset, division, notes: [...notes, ...told] }
}

/**
 * Reads, renders, tokenises and splits a dataset, the same way every time.
 * @throws GraftError `dataset-empty` where no row is left to train on, `invalid-argument` for a split that cannot be
 */
export async function prepareRows(spec: RunSpec, model: OpenModel, context: JobContext): Promise<PreparedRows> {
  const { dataset, validationDataset, division, notes } = await divided(spec, model, context)
  const { training, sampling } = spec
  const wanted = Math.max(training.validationRows, spec.metric.rows, sampling.prompts)
  const held = fairOrder(division.validation, training.seed).slice(0, wanted)
  const room = Math.max(1, longestSequence(spec, model.definition) - sampling.maxNewTokens)
  const questions = held.map(({ content }) => {
    const prompt = encodePrompt(model.tokenizer, model.template, content)
    return { ...prompt, ids: [...shortenPrompt(Int32Array.from(prompt.ids), room)], asked: asked(content, prompt) }
  })
  return {
    dataset,
    ...(validationDataset && { validationDataset }),
    train: division.train.map(({ encoded }) => encoded),
    validation: held.slice(0, training.validationRows).map(({ encoded }) => encoded),
    questions,
    maxLength: longestExample(spec, model.definition),
    notes: [...contextNote(spec, model), ...notes, ...leakNotes(division)],
  }
}
