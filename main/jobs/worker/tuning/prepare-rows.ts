import type { Dataset, RunSpec } from '../../../../preload/contract'
import { openDataset, type ContentRow } from '../../../datasets'
import { GraftError } from '../../../engine/errors'
import {
  encodeContent,
  encodePrompt,
  shortenPrompt,
  splitRows,
  truncate,
  type Encoded,
  type RowContent,
  type RowPrompt,
} from '../../../engine/text'
import type { JobContext } from '../job-context'
import type { OpenModel } from './open-model'
import { longestExample, longestSequence } from './tuning-engine'

export interface PreparedRows {
  readonly dataset: Dataset
  readonly train: readonly Encoded[]
  readonly validation: readonly Encoded[]
  /** The questions of the validation rows, in the same order, shortened to leave room for an answer. */
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

function encodeRow(
  { content, line }: ContentRow,
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
  const { outcome, encoded } = truncate(whole, maxLength)
  if (outcome !== 'whole') notes.add(outcomeNotes[outcome], line)
  return outcome === 'impossible' ? undefined : { encoded, content }
}

function asked(content: RowContent, { promptText }: RowPrompt): string {
  if (content.kind !== 'messages') return promptText
  return content.messages.findLast(({ role }) => role === 'user')?.content ?? promptText
}

const ROWS_BETWEEN_BREATHS = 64

async function encodeAll(spec: RunSpec, model: OpenModel, context: JobContext, notes: Notes) {
  const open = await openDataset(context.paths.datasets, spec.dataset.id)
  try {
    const rows: UsableRow[] = []
    for await (const row of open.contents()) {
      const usable = encodeRow(row, model, longestExample(spec, model), notes)
      if (usable) rows.push(usable)
      if (row.index % ROWS_BETWEEN_BREATHS === 0) {
        context.emit({ type: 'stage', stage: 'tokenise', done: row.index, total: open.dataset.rows })
        await context.pass()
      }
    }
    return { dataset: open.dataset, rows }
  } finally {
    await open.close()
  }
}

function contextNote(spec: RunSpec, model: OpenModel): string[] {
  const [wanted, possible] = [spec.training.maxLength, longestExample(spec, model)]
  if (possible === wanted) return []
  return [`the maximum length of ${wanted} tokens was lowered to ${possible}, the context of this model`]
}

/**
 * Reads, renders, tokenises and splits a dataset, the same way every time.
 * @throws GraftError `dataset-empty` where no row is left to train on
 */
export async function prepareRows(spec: RunSpec, model: OpenModel, context: JobContext): Promise<PreparedRows> {
  const notes = createNotes()
  const { dataset, rows } = await encodeAll(spec, model, context, notes)
  if (rows.length === 0) {
    const message = `dataset ${dataset.name}: expected rows to train on, got none; ${notes.lines().join('; ') || 'it is empty'}`
    throw new GraftError('dataset-empty', message, { dataset: dataset.id })
  }
  const { training, sampling } = spec
  const split = splitRows(rows.length, training.validationShare, training.seed)
  const pick = (indices: readonly number[]): UsableRow[] => indices.map((index) => rows[index] as UsableRow)
  const held = pick(split.validation.slice(0, Math.max(training.validationRows, spec.metric.rows, sampling.prompts)))
  const room = Math.max(1, longestSequence(spec, model) - sampling.maxNewTokens)
  const questions = held.map(({ content }) => {
    const prompt = encodePrompt(model.tokenizer, model.template, content)
    return { ...prompt, ids: [...shortenPrompt(Int32Array.from(prompt.ids), room)], asked: asked(content, prompt) }
  })
  return {
    dataset,
    train: pick(split.train).map(({ encoded }) => encoded),
    validation: held.slice(0, training.validationRows).map(({ encoded }) => encoded),
    questions,
    maxLength: longestExample(spec, model),
    notes: [...contextNote(spec, model), ...notes.lines()],
  }
}
