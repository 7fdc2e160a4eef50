import type { RunSpec, TaskChoice } from '../../../preload/contract'
import { columnValues, openDataset, probeRows, readingFor, type OpenDataset, type RowContent } from '../../datasets'
import { GraftError } from '../../engine/errors'
import { encodeClassText, encodeContent, labelledText } from '../../engine/text'
import type { KnownModel } from './known-models'
import { rememberLast } from './remember-last'
import type { RunFacts } from '../run-facts'

type RowFacts = Pick<RunFacts, 'rows' | 'longestRow' | 'sawAllRows' | 'heldOut'>

/** Rows whose tokens are counted. */
const probedRows = 64

/** Tokens of a row; none where the model's template refuses it, as the row is then left out. */
function tokensOf(content: RowContent, { tokenizer, template }: KnownModel, task: TaskChoice): number {
  try {
    if (task.kind === 'causal-lm') return encodeContent(tokenizer, template, content).ids.length
    const { messages = [] } = labelledText(content) ?? {}
    return encodeClassText(messages, { tokenizer, template, rendering: task.rendering, maxLength: Infinity }).length
  } catch (error) {
    if (error instanceof GraftError) return 0
    throw error
  }
}

async function probe(
  opened: OpenDataset,
  model: KnownModel,
  task: TaskChoice,
): Promise<Pick<RowFacts, 'longestRow' | 'sawAllRows'>> {
  const contents = await probeRows(opened, probedRows)
  const lengths = contents.map((content) => tokensOf(content, model, task))
  return { longestRow: Math.max(1, ...lengths), sawAllRows: opened.dataset.rows <= probedRows }
}

/** Rows that a column or another dataset holds out; undefined where the share decides. */
async function countHeldOut(opened: OpenDataset, validation: RunSpec['training']['validation']) {
  if (validation === undefined) return undefined
  if (validation.kind === 'dataset') return 0
  const { values } = await columnValues(opened, validation.column)
  return values.find(({ value }) => value === validation.value)?.rows ?? 0
}

/** What a forecast needs of a dataset as a model reads it. What was counted is remembered. */
export function knownRows(datasetsDir: string): (spec: RunSpec, model: KnownModel) => Promise<RowFacts> {
  const lengths = rememberLast<Pick<RowFacts, 'longestRow' | 'sawAllRows'>>(8)
  const counts = rememberLast<number | undefined>(8)
  return async ({ dataset: { id }, training, task }, model) => {
    const opened = await openDataset(datasetsDir, id, readingFor(task))
    try {
      const { fingerprint, form, mapping, rows } = opened.dataset
      const rendering = task.kind === 'causal-lm' ? undefined : task.rendering
      const key = JSON.stringify([id, fingerprint, form, mapping, rows, rendering])
      const { validation } = training
      return {
        rows,
        ...(await lengths(`${key} ${model.key}`, () => probe(opened, model, task))),
        heldOut: await counts(`${key} ${JSON.stringify(validation)}`, () => countHeldOut(opened, validation)),
      }
    } finally {
      await opened.close()
    }
  }
}
