import { labelsOf, type Example } from './collate'
import { LENGTH_GRAIN } from './length-buckets'
import { packRows } from './pack-rows'

export interface PackingOptions {
  /** About so many examples are to share a batch. */
  readonly batchSize: number
  /** Tokens that a row may have. */
  readonly maxLength: number
  readonly seed: number
}

export interface Packing {
  /** Each holds several examples; see {@link joinExamples}. */
  readonly rows: readonly Example[]
  /** How many rows make a batch of about as many examples as were asked for. */
  readonly rowsPerBatch: number
}

/** Rows that hold twice the longest example can be filled well; longer ones make attention dearer and nothing better. */
const LONGEST_EXAMPLES = 2

/**
 * Packs examples into rows, and says how many rows to a batch keep its number of examples: so learning rate, number of
 * steps and the meaning of "batch size" stay what they are without packing.
 * @throws GraftError 'invalid-argument' where an example is longer than `maxLength`
 */
export function packExamples(examples: readonly Example[], options: PackingOptions): Packing {
  const { batchSize, seed } = options
  const lengths = examples.map(({ ids }) => ids.length)
  const rows = packRows({ lengths, capacity: rowCapacity(lengths, options), seed })
  return {
    rows: rows.map((members) => joinExamples(members.map((member) => examples[member] as Example))),
    rowsPerBatch: Math.max(1, Math.round((batchSize * rows.length) / Math.max(1, examples.length))),
  }
}

/** Such that a whole number of rows has the tokens of a batch, as far as the longest example and the limits allow. */
function rowCapacity(lengths: readonly number[], { batchSize, maxLength }: PackingOptions): number {
  const longest = lengths.reduce((max, length) => Math.max(max, length), 1)
  const tokens = lengths.reduce((sum, length) => sum + length, 0)
  const batch = (batchSize * tokens) / Math.max(1, lengths.length)
  const rows = Math.max(1, Math.ceil(batch / Math.min(maxLength, LONGEST_EXAMPLES * longest)))
  const wanted = Math.max(longest, batch / rows)
  return Math.min(maxLength, Math.ceil(wanted / LENGTH_GRAIN) * LENGTH_GRAIN)
}

/** Examples one after the other in one row. The first token of each is never trained: it does not follow the one before. */
export function joinExamples(examples: readonly Example[]): Example {
  const starts: number[] = []
  let length = 0
  for (const { ids } of examples) {
    starts.push(length)
    length += ids.length
  }
  const [ids, trained, labels] = [new Int32Array(length), new Uint8Array(length), new Int32Array(length)]
  examples.forEach((example, i) => {
    const start = starts[i] as number
    ids.set(example.ids, start)
    trained.set(example.trained, start)
    labels.set(labelsOf(example), start)
    if (example.ids.length > 0) trained[start] = 0
  })
  return { ids, trained, labels, starts }
}
