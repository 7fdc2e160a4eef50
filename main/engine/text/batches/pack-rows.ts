import { GraftError } from '../../errors'
import { createRng, deriveSeed } from '../../rng'
import { shuffledIndices } from './shuffle'

export interface PackOptions {
  /** Tokens of each example. */
  readonly lengths: ArrayLike<number>
  /** Tokens that a row has room for. */
  readonly capacity: number
  readonly seed: number
  /** How many examples are packed together: see {@link packRows}. */
  readonly window?: number
}

/** Measured: rows are as full as with all examples at once, to a few tenths of a per cent. */
const WINDOW = 1024

/** A row that still has room. */
interface OpenRow {
  readonly examples: number[]
  readonly room: number
}

/**
 * Puts examples into rows of at most `capacity` tokens, as example indices: every example exactly once and whole, the
 * same rows for the same seed.
 *
 * Best fit decreasing (Johnson 1974: never more than 11/9 of the fewest possible rows, plus one): from the longest
 * example to the shortest, each goes where it leaves the least room. That is done within windows of the shuffled order:
 * over a whole dataset it would gather all of the shortest examples in the last rows, and rows should be of all kinds.
 * @throws GraftError 'invalid-argument' where an example is longer than a row
 */
export function packRows({ lengths, capacity, seed, window = WINDOW }: PackOptions): number[][] {
  const order = shuffledIndices(lengths.length, createRng(deriveSeed(seed, 'packing')))
  const lengthOf = (example: number): number => lengths[example] ?? 0
  const rows: number[][] = []
  for (let start = 0; start < order.length; start += window) {
    const part = order.slice(start, start + window).sort((a, b) => lengthOf(b) - lengthOf(a))
    requireFit(part[0] === undefined ? 0 : lengthOf(part[0]), capacity)
    rows.push(...bestFit(part, lengthOf, capacity))
  }
  return rows
}

function bestFit(examples: readonly number[], lengthOf: (example: number) => number, capacity: number): number[][] {
  /** The tightest first. */
  const open: OpenRow[] = []
  const rows: number[][] = []
  for (const example of examples) {
    const length = lengthOf(example)
    const [fitting] = open.splice(firstWithRoom(open, length), 1)
    const row = fitting ?? { examples: [], room: capacity }
    if (!fitting) rows.push(row.examples)
    row.examples.push(example)
    const room = row.room - length
    open.splice(firstWithRoom(open, room), 0, { examples: row.examples, room })
  }
  return rows
}

/** Where the rows with at least so much room begin, by halving. */
function firstWithRoom(open: readonly OpenRow[], room: number): number {
  let [low, high] = [0, open.length]
  while (low < high) {
    const middle = (low + high) >> 1
    if ((open[middle] as OpenRow).room < room) low = middle + 1
    else high = middle
  }
  return low
}

function requireFit(longest: number, capacity: number): void {
  if (longest <= capacity) return
  const message = `packing: expected examples of at most ${capacity} tokens, got one of ${longest}; truncate the examples first`
  throw new GraftError('invalid-argument', message)
}
