import { GraftError } from '../../errors'

/** Every distinct length makes a back end compile its sessions or pipelines once more (about 0.1 s on a CPU). */
const MOST_BUCKETS = 8
/** Padding, as a share of the real tokens, that is not worth one more length. */
const ENOUGH = 0.02
/** Padded lengths are multiples of this many tokens. */
export const LENGTH_GRAIN = 8
/** Where rows are so long that there would be more lengths to choose from, the grain is a coarser one. */
const MOST_CANDIDATES = 512

/**
 * The padded lengths T for rows of these lengths, ascending; the last one holds the longest row and is at most
 * `maxLength`. Of all choices of so many lengths it is the one with the least padding; there are as few of them as keep
 * padding within 2 % of the tokens, and never more than eight.
 *
 * Chosen from the data, since any fixed ladder of lengths falls badly for some dataset: see DECISIONS.md for figures.
 * @throws GraftError 'invalid-argument' where a row is longer than `maxLength`
 */
export function chooseBuckets(lengths: ArrayLike<number>, maxLength: number): readonly number[] {
  const all = Array.from(lengths)
  const longest = all.reduce((max, length) => Math.max(max, length), 1)
  if (longest > maxLength) throw tooLong(longest, maxLength, 'truncate the rows first')
  const grain = LENGTH_GRAIN * Math.ceil(longest / LENGTH_GRAIN / MOST_CANDIDATES)
  const counts = countCells(all, grain, longest)
  const tokens = all.reduce((sum, length) => sum + length, 0)
  const cells = fewestCells(counts, (tokens * (1 + ENOUGH)) / grain)
  return cells.map((cell) => Math.min(maxLength, cell * grain))
}

/** The shortest of the ascending `buckets` that holds a row. @throws GraftError 'invalid-argument' where none does */
export function bucketOf(buckets: readonly number[], length: number): number {
  const bucket = buckets.find((bucket) => bucket >= length)
  if (bucket === undefined) throw tooLong(length, buckets.at(-1) ?? 0, 'choose the lengths from all of the rows')
  return bucket
}

/** How many rows need 1, 2, … grains of length; an empty row needs one too. */
function countCells(lengths: readonly number[], grain: number, longest: number): Float64Array {
  const counts = new Float64Array(Math.ceil(longest / grain) + 1)
  for (const length of lengths) {
    const cell = Math.max(1, Math.ceil(length / grain))
    counts[cell] = (counts[cell] ?? 0) + 1
  }
  return counts
}

/** The best cells for one length, for two, …, until the computed grains are few enough. */
function fewestCells(counts: Float64Array, enough: number): readonly number[] {
  const rowsUpTo = Float64Array.from(counts)
  for (let i = 1; i < rowsUpTo.length; i++) rowsUpTo[i] = at(rowsUpTo, i) + at(rowsUpTo, i - 1)
  let best: Choice = { cost: new Float64Array(counts.length).fill(Infinity).fill(0, 0, 1), cells: [] }
  for (let k = 0; k < MOST_BUCKETS; k++) {
    best = withOneMore(best, rowsUpTo)
    if (at(best.cost, counts.length - 1) <= enough) break
  }
  return cellsOf(best, counts.length - 1)
}

/** The least cost, in grains, of the rows of up to i grains, and for every round the cell below the one that ends at i. */
interface Choice {
  readonly cost: Float64Array
  readonly cells: readonly Int32Array[]
}

/** One more length: min over i < j of cost(i) + (rows of i+1 … j grains) × j. */
function withOneMore({ cost, cells }: Choice, rowsUpTo: Float64Array): Choice {
  const next = cost.slice()
  const below = new Int32Array(cost.length).fill(-1)
  for (let j = 1; j < cost.length; j++) {
    for (let i = 0; i < j; i++) {
      const candidate = at(cost, i) + (at(rowsUpTo, j) - at(rowsUpTo, i)) * j
      if (candidate >= at(next, j)) continue
      next[j] = candidate
      below[j] = i
    }
  }
  return { cost: next, cells: [...cells, below] }
}

/** Walks back from the last cell; a round in which one more length did not help left none. */
function cellsOf({ cells }: Choice, last: number): number[] {
  const chosen: number[] = []
  let cell = last
  for (const below of cells.toReversed()) {
    const under = below[cell] ?? -1
    if (cell === 0 || under < 0) continue
    chosen.unshift(cell)
    cell = under
  }
  return chosen
}

const at = (values: Float64Array, index: number): number => values[index] as number

function tooLong(length: number, most: number, advice: string): GraftError {
  return new GraftError('invalid-argument', `batch length: expected at most ${most} tokens, got ${length}; ${advice}`)
}
