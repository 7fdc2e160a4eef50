import type { RunSpec } from '../../../../preload/contract'
import { packExamples } from '../../../engine/text'
import type { TrainingData } from '../../../engine/train'
import { orderSeed } from './first-values'
import type { OpenModel } from './open-model'
import type { PreparedRows } from './prepare-rows'

/** What a run trains on, and what a person should know of how it is laid out. */
export interface LaidOut {
  readonly data: TrainingData
  readonly notes: readonly string[]
}

/** The training rows as the loop takes them: one example a row, or packed. */
export function layOut(spec: RunSpec, model: OpenModel, rows: PreparedRows): LaidOut {
  const { batchSize, accumulation, packing } = spec.training
  const seed = orderSeed(spec)
  const { train, maxLength } = rows
  const common = { accumulation, maxLength, seed, padId: model.tokenizer.padId }
  if (!packing) return { data: { ...common, examples: train, batchSize }, notes: [] }
  const packed = packExamples(train, { batchSize, maxLength, seed })
  const data = { ...common, examples: packed.rows, batchSize: packed.rowsPerBatch }
  return { data, notes: [packingNote(train.length, data)] }
}

function packingNote(examples: number, { examples: rows, batchSize }: TrainingData): string {
  const longest = rows.reduce((max, { ids }) => Math.max(max, ids.length), 0)
  const perBatch = Math.round((10 * batchSize * examples) / rows.length) / 10
  return `packing: ${examples} examples share ${rows.length} rows of up to ${longest} tokens; a batch of ${batchSize} has about ${perBatch} examples`
}
