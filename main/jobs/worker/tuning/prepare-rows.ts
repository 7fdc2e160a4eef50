import type { Dataset, RunSpec } from '../../../../preload/contract'
import { methodOfRun, type RunLengths } from '../../../advisor'
import { GraftError } from '../../../engine/errors'
import { encodePrompt, shortenPrompt, type Encoded, type RowContent, type RowPrompt } from '../../../engine/text'
import type { JobContext } from '../job-context'
import { orderSeed } from './first-values'
import { fairOrder } from './hold-out'
import type { OpenModel } from './open-model'
import { withDividedData, type DividedData } from './rows/divided-data'
import { drawRows } from './rows/draw-rows'
import { encodeRows, type UsableRow } from './rows/encode-rows'
import { createNotes } from './rows/row-notes'
import { rowProgress } from './rows/row-progress'

/** The rows that a run is measured on. */
export interface HeldRows {
  readonly dataset: Dataset
  /** Where the validation rows come from, if that is another dataset. */
  readonly validationDataset?: Dataset
  readonly validation: readonly Encoded[]
  /** The questions of the validation rows (which are in a fair order), in the same order, shortened to leave room for an answer. */
  readonly questions: readonly Question[]
  /** Tokens that a row may have, virtual ones included. */
  readonly maxLength: number
  /** What was left out or shortened, for the person to read. */
  readonly notes: readonly string[]
}

export interface PreparedRows extends HeldRows {
  readonly train: readonly Encoded[]
  /** Passes over `train`, where no number of steps decides. */
  readonly epochs: number
}

export interface Question extends RowPrompt {
  /** What a person asked, without the template around it. */
  readonly asked: string
}

function asked(content: RowContent, { promptText }: RowPrompt): string {
  if (content.kind !== 'messages') return promptText
  return content.messages.findLast(({ role }) => role === 'user')?.content ?? promptText
}

const lengthsOf = (spec: RunSpec, { definition }: OpenModel): RunLengths => methodOfRun(spec, definition).lengths

/** Of the rows held out so many, in a fair order, as are looked at; those of no use are made up for by others. */
async function heldOutRows(spec: RunSpec, model: OpenModel, context: JobContext, { held, division }: DividedData) {
  const { training, sampling, metric } = spec
  const wanted = Math.max(training.validationRows, metric.rows, sampling.prompts)
  const order = fairOrder(division.validation, training.seed)
  const notes = createNotes()
  const onRow = rowProgress(context, Math.min(wanted, order.length))
  const options = { model, lengths: lengthsOf(spec, model), notes, onRow }
  const rows: UsableRow[] = []
  for (let from = 0; rows.length < wanted && from < order.length;) {
    const places = order.slice(from, (from += wanted - rows.length))
    const found = new Map<number, UsableRow>()
    for await (const row of encodeRows(held.pick(places.toSorted((a, b) => a - b)), options)) found.set(row.index, row)
    rows.push(...places.flatMap((place) => found.get(place) ?? []))
  }
  return { rows, notes: notes.lines() }
}

function lengthNotes({ training }: RunSpec, { row, text, virtualTokens }: RunLengths): string[] {
  const wanted = training.maxLength
  const lowered = `the maximum length of ${wanted} tokens was lowered to ${row}, the context of this model`
  const shared = `of the ${row} tokens that a row may have ${virtualTokens} are virtual: ${text} are left for its text`
  return [...(row === wanted ? [] : [lowered]), ...(virtualTokens === 0 ? [] : [shared])]
}

function metricNote({ metric }: RunSpec, { labels }: Dataset): string[] {
  if (metric.kind !== 'label-accuracy' || labels !== undefined) return []
  return ['label-accuracy: the answers of this dataset are no set of labels, so exact match is taken instead']
}

async function holdOut(spec: RunSpec, model: OpenModel, context: JobContext, divided: DividedData): Promise<HeldRows> {
  const { opened, held } = divided
  const { rows, notes } = await heldOutRows(spec, model, context, divided)
  const { sequence, virtualTokens, row: maxLength } = lengthsOf(spec, model)
  const room = Math.max(1, sequence - virtualTokens - spec.sampling.maxNewTokens)
  const questions = rows.map(({ content }) => {
    const prompt = encodePrompt(model.tokenizer, model.template, content)
    return { ...prompt, ids: [...shortenPrompt(Int32Array.from(prompt.ids), room)], asked: asked(content, prompt) }
  })
  return {
    dataset: opened.dataset,
    ...(held !== opened && { validationDataset: held.dataset }),
    validation: rows.slice(0, spec.training.validationRows).map(({ encoded }) => encoded),
    questions,
    maxLength,
    notes: [...notes.map((note) => `validation: ${note}`), ...metricNote(spec, opened.dataset)],
  }
}

function noRows({ name, id }: Dataset, notes: readonly string[]): GraftError {
  const message = `dataset ${name}: expected rows to train on, got none (${notes.join('; ') || 'it is empty'}); correct its rows, or choose another dataset or model`
  return new GraftError('dataset-empty', message, { dataset: id })
}

/** The rows that a run's result is measured on, without those that it is trained on. Throws like {@link prepareRows}. */
export function prepareHeldRows(spec: RunSpec, model: OpenModel, context: JobContext): Promise<HeldRows> {
  return withDividedData(spec, context, (divided) => holdOut(spec, model, context, divided))
}

/**
 * Reads and divides a dataset, and renders and tokenises the rows that a run sees; the same way every time.
 * @throws GraftError `dataset-empty` where no row is left to train on, `invalid-argument` for a split that cannot be
 */
export function prepareRows(spec: RunSpec, model: OpenModel, context: JobContext): Promise<PreparedRows> {
  return withDividedData(spec, context, async (divided) => {
    const { opened, division, leaks } = divided
    const drawn = drawRows(division.train, { ...spec.training, seed: orderSeed(spec) })
    const notes = createNotes()
    const lengths = lengthsOf(spec, model)
    const options = { model, lengths, notes, onRow: rowProgress(context, drawn.rows.length) }
    const train: Encoded[] = []
    // Of a million rows their tokens fit the memory, their texts do not.
    for await (const { encoded } of encodeRows(opened.pick(drawn.rows), options)) train.push(encoded)
    if (train.length === 0) throw noRows(opened.dataset, notes.lines())
    const held = await holdOut(spec, model, context, divided)
    const told = [...lengthNotes(spec, lengths), ...drawn.notes, ...notes.lines(), ...held.notes]
    return { ...held, train, epochs: drawn.epochs, notes: [...told, ...leaks(drawn.rows)] }
  })
}
